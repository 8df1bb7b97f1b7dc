//! What every vault does.

use connector::ports::Vault;
use secrecy::{ExposeSecret, SecretString};

use crate::samples::connection;

pub(crate) async fn contract(vault: &impl Vault) {
    let read = async |id: &str, name: &str| {
        let secret = vault.secret(&connection(id), name).await.unwrap();
        secret.map(|secret| secret.expose_secret().to_owned())
    };
    assert_eq!(read("acme", "concur-tokens").await, None);
    for value in ["one", "two", "two"] {
        let secret = SecretString::from(value);
        vault
            .put_secret(&connection("acme"), "concur-tokens", &secret)
            .await
            .unwrap();
        assert_eq!(read("acme", "concur-tokens").await.as_deref(), Some(value));
    }
    assert_eq!(read("acme", "acumatica-seat-1").await, None);
    assert_eq!(read("acme-2", "concur-tokens").await, None);
}
