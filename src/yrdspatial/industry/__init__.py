"""WHO DOES WHAT: specialization, concentration, and industrial transfer."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__, submod_attrs={"register.register": ["from_register"], "register.results": ["FirmRegister"]}
)
