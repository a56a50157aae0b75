"""What a change of trade costs does to the whole world: exact-hat general equilibrium.

Three nested models: one sector (:mod:`one_sector`), many sectors with intermediates and tariffs
(:mod:`many_sectors`), and tariffs with revenue, labour supply and profits (:mod:`with_revenue`).
Everything is solved in changes (Dekle, Eaton and Kortum 2008): observed trade carries all levels.
"""
