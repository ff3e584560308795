"""Spatial econometrics of the Yangtze River Delta: from a yearbook table to a published spillover estimate.

The public names are listed in ``__init__.pyi`` and loaded on first use, so that ``import yrdspatial`` is cheap.
"""

import lazy_loader as _lazy

__version__ = "0.1.0"
__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
