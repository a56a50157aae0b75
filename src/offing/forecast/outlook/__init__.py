"""Expected sales some years on: a model of where an exporter's growth goes, scored out of time."""
