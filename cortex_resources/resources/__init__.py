"""What programs declare: typed resources, the component, the wait, a whole stack."""

from cortex_resources.resources.dataset_snapshot import DatasetSnapshot
from cortex_resources.resources.fine_tuned_model import FineTunedModel
from cortex_resources.resources.privilege_grants import PrivilegeGrants
from cortex_resources.resources.role_grants import RoleGrants
from cortex_resources.resources.stack import declare_stack
from cortex_resources.resources.training_view import TrainingView

__all__ = [
    "DatasetSnapshot",
    "FineTunedModel",
    "PrivilegeGrants",
    "RoleGrants",
    "TrainingView",
    "declare_stack",
]
