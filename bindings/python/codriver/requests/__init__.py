"""What the runtime asks, and what may be answered.

A request is a view: its fields by attribute, all of it as `raw`. An answer is made by a class below, or is a dict as the wire
has it; one that the runtime would misread is refused with the field's name, and counts as a failed handler.

Example:
    >>> PermissionDecision.reject("not on a Friday").wire
    {'kind': 'reject', 'feedback': 'not on a Friday'}
"""

from .answer import Answer
from .failure import HandlerFailure
from .hook import CommandInvocation, HookInput, HookOutput
from .mcp import McpAuthRequest, McpAuthResponse, McpHeadersRequest, McpHeadersResponse, SamplingRequest
from .permission import PermissionDecision, PermissionRequest
from .provider import ProviderTokenRequest
from .turn import (
    AutoModeSwitchRequest,
    AutoModeSwitchResponse,
    ExitPlanModeRequest,
    ExitPlanModeResponse,
    SessionLimitsRequest,
    SessionLimitsResponse,
)
from .user import ElicitationRequest, ElicitationResult, UserInputRequest, UserInputResponse

__all__ = [
    "Answer",
    "AutoModeSwitchRequest",
    "AutoModeSwitchResponse",
    "CommandInvocation",
    "ElicitationRequest",
    "ElicitationResult",
    "ExitPlanModeRequest",
    "ExitPlanModeResponse",
    "HandlerFailure",
    "HookInput",
    "HookOutput",
    "McpAuthRequest",
    "McpAuthResponse",
    "McpHeadersRequest",
    "McpHeadersResponse",
    "PermissionDecision",
    "PermissionRequest",
    "ProviderTokenRequest",
    "SamplingRequest",
    "SessionLimitsRequest",
    "SessionLimitsResponse",
    "UserInputRequest",
    "UserInputResponse",
]
