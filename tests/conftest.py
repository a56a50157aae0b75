"""Settings for all tests."""

from hypothesis import settings

# A busy machine is no fault of the code: how long an example takes decides nothing.
settings.register_profile("offing", deadline=None)
settings.load_profile("offing")
