"""People who can sign in, and the roles they hold where: sessions, tokens, phone codes, consents, guardians.

Everybody is a volunteer first; an office, a team or a counter is a role held on top, somewhere.
"""

from volunteer.accounts import (
    closing,
    consents,
    factors,
    figures,
    import_requests,
    phones,
    proposals,
    rollups,
    sessions,
    sms,
    tokens,
)
from volunteer.accounts.appointments import (
    RoleGiven,
    RoleTaken,
    TooYoungForOffice,
    appoint,
    dismiss,
    holders,
    serves_partner,
)
from volunteer.accounts.copies import part as export_part
from volunteer.accounts.guardians import (
    GuardianNeeded,
    GuardianWithdrew,
    guarded,
    is_grown,
    is_minor,
    listed,
    needs_guardian,
)
from volunteer.accounts.lost import PhoneLost
from volunteer.accounts.models import Consent, Grant, User
from volunteer.accounts.next_stop import safe as safe_next
from volunteer.accounts.people import (
    Restored,
    Revealed,
    RevealsExceeded,
    SentOut,
    Suspended,
    by_number,
    by_phone,
    by_public,
    names,
    restore,
    suspend,
)
from volunteer.accounts.phone_changes import PhoneChanged
from volunteer.accounts.phone_codes import MessagesStopped
from volunteer.accounts.registration import PhoneTaken, Registered, register
from volunteer.accounts.roles import name as role_name

__all__ = [
    "Consent",
    "Grant",
    "GuardianNeeded",
    "GuardianWithdrew",
    "MessagesStopped",
    "PhoneChanged",
    "PhoneLost",
    "PhoneTaken",
    "Registered",
    "Restored",
    "Revealed",
    "RevealsExceeded",
    "RoleGiven",
    "RoleTaken",
    "SentOut",
    "Suspended",
    "TooYoungForOffice",
    "User",
    "appoint",
    "by_number",
    "by_phone",
    "by_public",
    "closing",
    "consents",
    "dismiss",
    "export_part",
    "factors",
    "figures",
    "guarded",
    "holders",
    "import_requests",
    "is_grown",
    "is_minor",
    "listed",
    "names",
    "needs_guardian",
    "phones",
    "proposals",
    "register",
    "restore",
    "role_name",
    "rollups",
    "safe_next",
    "serves_partner",
    "sessions",
    "sms",
    "suspend",
    "tokens",
]
