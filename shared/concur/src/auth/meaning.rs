//! The codes of the token service in plain words.

/// What a code of the token service means for the person who must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// A lower-case fragment without full stop.
    pub sentence: &'static str,
    /// Whether it passes by itself.
    pub outlook: Outlook,
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

/// The published codes, with the cure where there is one.
const MEANINGS: &[(&[i64], Outlook, &str)] = &[
    (
        &[5, 19],
        Outlook::Final,
        "client id, client secret, refresh token or request token is wrong or too old",
    ),
    (&[10, 11], Outlook::Final, "the account is disabled"),
    (&[12, 13], Outlook::Final, "the logon was denied"),
    (&[14], Outlook::Final, "the account is locked"),
    (
        &[16],
        Outlook::Elsewhere,
        "the company lives in another data centre",
    ),
    (
        &[20],
        Outlook::Final,
        "the logon was denied by an ip restriction of the company",
    ),
    (
        &[21],
        Outlook::Final,
        "the company allows single sign-on only; use a company request token",
    ),
    (
        &[51, 52],
        Outlook::Final,
        "the request lacks the company uuid or the request token",
    ),
    (
        &[53],
        Outlook::Final,
        "the company is not enabled for this application; connect it again",
    ),
    (
        &[54],
        Outlook::Final,
        "the scope exceeds what the application was granted",
    ),
    (&[55], Outlook::Final, "the e-mail address is unknown"),
    (
        &[56, 57, 58, 80, 81, 82, 83, 84, 85],
        Outlook::Final,
        "a one-time password was refused",
    ),
    (&[59], Outlook::Final, "the application is disabled"),
    (
        &[60],
        Outlook::Final,
        "the application lacks the password or refresh grant",
    ),
    (
        &[61],
        Outlook::Final,
        "the application is unknown here; check the token address and the client id",
    ),
    (
        &[62, 63, 65],
        Outlook::Final,
        "the request lacks client id, client secret or grant type",
    ),
    (&[64], Outlook::Final, "the client secret is wrong"),
    (&[100], Outlook::Final, "the company uuid is unknown"),
    (
        &[101, 102, 103, 104, 105],
        Outlook::Final,
        "an authorization code was refused",
    ),
    (
        &[106],
        Outlook::Final,
        "the request lacks the refresh token",
    ),
    (
        &[107],
        Outlook::Final,
        "the application may not refresh tokens",
    ),
    (
        &[108],
        Outlook::Final,
        "the refresh token is bad or expired; a new company request token is needed",
    ),
    (
        &[109, 115, 117, 118, 119, 121, 122, 124],
        Outlook::Final,
        "a parameter of the request is wrong",
    ),
    (&[120], Outlook::Final, "the credential type is invalid"),
    (&[123], Outlook::Final, "the principal is disabled"),
    (
        &[134],
        Outlook::Transient,
        "the company is under scheduled maintenance",
    ),
    (
        &[135],
        Outlook::Final,
        "the format of the request is not supported",
    ),
    (
        &[136],
        Outlook::Final,
        "the request token was made for another application; make one for this client id",
    ),
    (&[139], Outlook::Final, "the password must be changed"),
];

/// What `code` of a refused grant means; `None` for a code that is not published.
#[must_use]
pub fn meaning(code: i64) -> Option<Meaning> {
    let row = MEANINGS.iter().find(|(codes, ..)| codes.contains(&code));
    row.map(|&(_, outlook, sentence)| Meaning { sentence, outlook })
}

/// Whether a grant refused with `code` can succeed later without anybody acting.
pub(crate) fn is_transient(code: i64) -> bool {
    meaning(code).is_some_and(|meaning| meaning.outlook == Outlook::Transient)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_once() {
        let mut codes: Vec<i64> = MEANINGS
            .iter()
            .flat_map(|(codes, ..)| codes.iter().copied())
            .collect();
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
    }

    #[test]
    fn outlooks_are_as_published() {
        assert_eq!(meaning(108).unwrap().outlook, Outlook::Final);
        assert_eq!(meaning(16).unwrap().outlook, Outlook::Elsewhere);
        assert!(is_transient(134) && !is_transient(108) && !is_transient(7777));
        assert_eq!(meaning(7777), None);
    }
}
