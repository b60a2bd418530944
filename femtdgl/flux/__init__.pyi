from .emission import Record as Record
from .emission import phonon_flux as phonon_flux
from .linear import exchange as exchange
from .linear import linear_flux as linear_flux
from .linear import resolved_flux as resolved_flux
from .table import points_for as points_for
