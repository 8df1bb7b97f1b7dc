//! The set-up that stops a document: a person must correct it, and trying again before changes nothing.

use acumatica::Kind;
use posting::{Code, Reason};

use crate::ports::PortError;
use crate::report::chain;
use crate::seats::SeatError;
use crate::tokens::{ConcurError, TokenError};

/// What a person must correct before anything goes on with Acumatica; `None` for what passes by itself.
pub(super) fn of_seat(error: &SeatError) -> Option<Reason> {
    let (field, value) = error.setup()?;
    let code = match error {
        SeatError::SecretMissing(_)
        | SeatError::SecretUnreadable { .. }
        | SeatError::Port(PortError::Deleted { .. })
        | SeatError::NoConsent { .. } => Code::SecretMissing,
        SeatError::Refused(_) => Code::CredentialsRefused,
        SeatError::Grant(grant) if matches!(grant.kind(), Kind::Invalid | Kind::GrantRefused) => {
            Code::CredentialsRefused
        }
        SeatError::Call(call) if call.kind() == Kind::Forbidden => Code::AcumaticaForbidden,
        _ => Code::EndpointMissing,
    };
    Some(Reason::new(code, chain(error)).at(field, value))
}

/// The same of Concur.
pub(super) fn of_concur(error: &ConcurError) -> Option<Reason> {
    let (field, value) = error.setup()?;
    let code = match error {
        ConcurError::Token(
            TokenError::SecretMissing(_)
            | TokenError::SecretUnreadable { .. }
            | TokenError::Port(PortError::Deleted { .. })
            | TokenError::NotConnected(_)
            | TokenError::OtherCompany(_),
        ) => Code::SecretMissing,
        ConcurError::Token(TokenError::Grant(grant))
            if grant.kind() == concur::Kind::GrantRefused =>
        {
            Code::CredentialsRefused
        }
        ConcurError::Token(TokenError::Refused(_)) | ConcurError::Call(_) | ConcurError::Late => {
            Code::CredentialsRefused
        }
        ConcurError::Token(_) => Code::EndpointMissing,
    };
    Some(Reason::new(code, chain(error)).at(field, value))
}

#[cfg(test)]
mod tests {
    use posting::ConnectionId;

    use super::*;

    #[test]
    fn a_missing_secret_is_named_and_what_passes_is_not() {
        let id = ConnectionId::new("acme").unwrap();
        let missing = of_seat(&SeatError::SecretMissing(id.clone())).unwrap();
        assert_eq!(
            (missing.code, missing.field.as_str(), missing.value.as_str()),
            (Code::SecretMissing, "secret acumatica", "missing")
        );
        let refused = of_seat(&SeatError::Refused(id.clone())).unwrap();
        assert_eq!(refused.code, Code::CredentialsRefused);
        let missing = of_concur(&TokenError::NotConnected(id.clone()).into()).unwrap();
        assert_eq!(missing.code, Code::SecretMissing);
        assert_eq!(missing.field, "secret concur.request_token");

        let deleted = || PortError::Deleted {
            name: "stack/acme/acumatica".to_owned(),
        };
        let (seat, token) = (SeatError::Port(deleted()), TokenError::Port(deleted()));
        for reason in [of_seat(&seat), of_concur(&token.into())] {
            let reason = reason.unwrap();
            assert_eq!(reason.code, Code::SecretMissing);
            let command = "aws secretsmanager restore-secret --secret-id stack/acme/acumatica";
            assert!(reason.message.contains(command), "{}", reason.message);
        }

        assert_eq!(of_seat(&SeatError::Slow), None);
        assert_eq!(of_concur(&TokenError::Busy(id).into()), None);
        let unavailable = PortError::Unavailable {
            service: "Secrets Manager",
            detail: "throttled".to_owned(),
        };
        assert_eq!(of_seat(&SeatError::Port(unavailable)), None);
    }
}
