//! The codes of the token service in plain words, each with what to do.
//!
//! Source: SAP's `apidoc` page of authentication, table of error codes; code 134: `company-auth`.

/// What a code of the token service means for the person who must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// The codes that mean it.
    pub codes: &'static [i64],
    /// Whether it passes by itself.
    pub outlook: Outlook,
    /// A lower-case fragment without full stop.
    pub sentence: &'static str,
    /// What to do, a sentence.
    pub cure: &'static str,
}

/// What a repeated grant would bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// The same refusal until a person changes something.
    Final,
    /// Success, later.
    Transient,
    /// Success at the geolocation the answer names.
    Elsewhere,
}

const fn last(codes: &'static [i64], sentence: &'static str, cure: &'static str) -> Meaning {
    Meaning {
        codes,
        outlook: Outlook::Final,
        sentence,
        cure,
    }
}

/// A request the client should never make.
const REPORT: &str = "Report it with the correlation id in the log: the connector sends what Concur does not expect.";

/// Every published code, by its lowest number.
pub const MEANINGS: &[Meaning] = &[
    last(
        &[5, 19],
        "the token is wrong, used up or too old (a request token lives 24 hours), or it is another company's",
        "Make a new company request token in Concur (Authentication Admin > Company Request Token) for this company and this client id.",
    ),
    last(
        &[10, 11],
        "the account is disabled",
        "Have SAP enable the account, then make a new company request token.",
    ),
    last(
        &[12, 13],
        "the logon was denied",
        "Ask SAP's support why Concur denies it; the log has the correlation id.",
    ),
    last(
        &[14],
        "the account is locked",
        "Have the account unlocked in Concur, then make a new company request token.",
    ),
    Meaning {
        codes: &[16],
        outlook: Outlook::Elsewhere,
        sentence: "the company lives in another data centre, and the one Concur names does not know it either",
        cure: "Set concur.token_url to the data centre of the company, and make a new company request token.",
    },
    last(
        &[20],
        "the logon was denied by an IP restriction of the company",
        "Take the IP restriction of the company off for this application, or run the functions behind an address it allows.",
    ),
    last(
        &[21],
        "the company allows single sign-on only",
        "Use a company request token, not a password, as request_token.",
    ),
    last(
        &[51, 52],
        "the company UUID or the request token is blank",
        "Fill concur.company_uuid of the connection and request_token of the secret.",
    ),
    last(
        &[53],
        "the company is not enabled for this application",
        "Make a company request token for this client id in the company that concur.company_uuid names.",
    ),
    last(
        &[54],
        "the scope exceeds what the application was granted",
        "Give the application the scope FISVC in Concur (OAuth 2.0 Application Management), then make a new company request token.",
    ),
    last(&[55], "the e-mail address is unknown", REPORT),
    last(
        &[56, 57, 58, 80, 81, 82, 83, 84, 85],
        "a one-time password was refused",
        REPORT,
    ),
    last(
        &[59],
        "the application is disabled",
        "Enable the application in Concur (OAuth 2.0 Application Management).",
    ),
    last(
        &[60],
        "the application lacks the grant Password or Refresh token",
        "Give the application both grants in Concur (OAuth 2.0 Application Management).",
    ),
    last(
        &[61],
        "the client id is unknown at this address",
        "Check client_id, and that concur.token_url is of the environment the application was registered in.",
    ),
    last(
        &[62, 63, 65],
        "client id, client secret or grant type is blank",
        "Fill client_id and client_secret of the secret.",
    ),
    last(
        &[64],
        "the client secret is wrong",
        "Put the client secret of this client id into the secret; it can be made anew in OAuth 2.0 Application Management.",
    ),
    last(
        &[100],
        "the company UUID is unknown",
        "Correct concur.company_uuid: it stands beside the company request token in Concur.",
    ),
    last(
        &[101, 102, 103, 104, 105],
        "an authorization code was refused",
        REPORT,
    ),
    last(&[106], "the request lacks the refresh token", REPORT),
    last(
        &[107],
        "the application may not refresh tokens",
        "Give the application the grant Refresh token in Concur (OAuth 2.0 Application Management).",
    ),
    last(
        &[108],
        "the refresh token is expired or revoked",
        "Make a new company request token in Concur, put it into the secret and run action connect.",
    ),
    last(
        &[109, 115, 117, 118, 119, 121, 122, 124],
        "a parameter of the request is wrong",
        REPORT,
    ),
    last(&[120], "the credential type is invalid", REPORT),
    last(
        &[123],
        "the company's principal is disabled",
        "Have SAP enable the company for web services, then make a new company request token.",
    ),
    Meaning {
        codes: &[134],
        outlook: Outlook::Transient,
        sentence: "the company is under scheduled maintenance",
        cure: "Wait; it passes by itself.",
    },
    last(&[135], "the format of the request is not supported", REPORT),
    last(
        &[136],
        "the request token was made for another application",
        "Make a company request token for this very client id.",
    ),
    last(
        &[139],
        "the password must be changed",
        "Use a company request token, not a password, as request_token.",
    ),
];

/// What `code` of a refused grant means; `None` for a code that is not published.
#[must_use]
pub fn meaning(code: i64) -> Option<Meaning> {
    let known = MEANINGS.iter().find(|known| known.codes.contains(&code));
    known.copied()
}

/// Whether a grant refused with `code` can succeed later without anybody acting.
pub(crate) fn is_transient(code: i64) -> bool {
    meaning(code).is_some_and(|meaning| meaning.outlook == Outlook::Transient)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Section "Errors" of the published table.
    const PUBLISHED: [i64; 54] = [
        5, 10, 11, 12, 13, 14, 16, 19, 20, 21, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
        64, 65, 80, 81, 82, 83, 84, 85, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 115, 117,
        118, 119, 120, 121, 122, 123, 124, 134, 135, 136, 139,
    ];

    #[test]
    fn every_published_code_stands_once_with_a_cure_of_its_own() {
        let mut codes: Vec<i64> = MEANINGS
            .iter()
            .flat_map(|known| known.codes.iter().copied())
            .collect();
        codes.sort_unstable();
        assert_eq!(codes, PUBLISHED);
        for (at, known) in MEANINGS.iter().enumerate() {
            assert!(known.cure.ends_with('.'), "{known:?}");
            let twin = MEANINGS
                .iter()
                .skip(at + 1)
                .find(|other| other.sentence == known.sentence);
            assert_eq!(twin, None);
        }
    }

    #[test]
    fn outlooks_are_as_published() {
        for known in MEANINGS {
            let expected = match known.codes {
                [16] => Outlook::Elsewhere,
                [134] => Outlook::Transient,
                _ => Outlook::Final,
            };
            assert_eq!(known.outlook, expected);
        }
        assert!(is_transient(134) && !is_transient(108) && !is_transient(7777));
        assert_eq!(meaning(7777), None);
    }
}
