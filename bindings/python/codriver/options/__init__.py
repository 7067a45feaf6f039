"""The options of clients and sessions, as types for keyword arguments and dicts. Nothing of it is needed at run time."""

from .client import *
from .client import __all__ as _client
from .models import *
from .models import __all__ as _models
from .records import *
from .records import __all__ as _records
from .session import *
from .session import __all__ as _session

__all__ = [*_client, *_models, *_records, *_session]
