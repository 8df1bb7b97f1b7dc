//! The vault on Secrets Manager. Names are `{stack}/{connection}/{name}`.

use aws_config::SdkConfig;
use aws_sdk_secretsmanager::{
    Client,
    operation::{
        create_secret::CreateSecretError, get_secret_value::GetSecretValueError,
        put_secret_value::PutSecretValueError,
    },
};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use connector::ports::{PortError, Vault};
use posting::ConnectionId;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    Settings,
    fault::{self, SECRETS_MANAGER},
};

/// Secrets of the connections of one stack.
#[derive(Debug, Clone)]
pub struct SecretsVault {
    client: Client,
    stack: String,
    key_arn: String,
}

impl SecretsVault {
    /// A vault for the stack the settings name.
    #[must_use]
    pub fn new(sdk: &SdkConfig, settings: &Settings) -> Self {
        Self {
            client: Client::new(sdk),
            stack: settings.deployment.stack.clone(),
            key_arn: settings.secret_key_arn.clone(),
        }
    }

    fn id(&self, connection: &ConnectionId, name: &str) -> String {
        format!("{}/{connection}/{name}", self.stack)
    }

    /// Writes a new version; `None` when there is no such secret.
    async fn put(&self, id: &str, value: &SecretString) -> Result<Option<()>, PortError> {
        let put = self
            .client
            .put_secret_value()
            .secret_id(id)
            .secret_string(value.expose_secret());
        match put.send().await {
            Ok(_) => Ok(Some(())),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(PutSecretValueError::is_resource_not_found_exception) =>
            {
                Ok(None)
            }
            Err(error) => Err(fault_of(id, &error)),
        }
    }

    /// Creates the secret under the stack's key; `None` when somebody else has just created it.
    async fn create(&self, id: &str, value: &SecretString) -> Result<Option<()>, PortError> {
        let create = self
            .client
            .create_secret()
            .name(id)
            .kms_key_id(&self.key_arn)
            .description("Kept by the connector; not for people to edit")
            .secret_string(value.expose_secret());
        match create.send().await {
            Ok(_) => Ok(Some(())),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(CreateSecretError::is_resource_exists_exception) =>
            {
                Ok(None)
            }
            Err(error) => Err(fault_of(id, &error)),
        }
    }
}

/// A secret that waits for its deletion is no failure of the service: whoever scheduled that can take it back.
fn fault_of<E: ProvideErrorMetadata>(name: &str, error: &SdkError<E, HttpResponse>) -> PortError {
    let is_deleted = |error: &E| {
        error.code() == Some("InvalidRequestException")
            && error
                .message()
                .is_some_and(|text| text.contains("deletion"))
    };
    if error.as_service_error().is_some_and(is_deleted) {
        return PortError::Deleted {
            name: name.to_owned(),
        };
    }
    fault::port(SECRETS_MANAGER, error)
}

impl Vault for SecretsVault {
    async fn secret(
        &self,
        connection: &ConnectionId,
        name: &str,
    ) -> Result<Option<SecretString>, PortError> {
        let id = self.id(connection, name);
        match self.client.get_secret_value().secret_id(&id).send().await {
            Ok(answer) => match answer.secret_string {
                Some(value) => Ok(Some(SecretString::from(value))),
                None => Err(fault::corrupt(id, "the secret is binary, not text")),
            },
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(GetSecretValueError::is_resource_not_found_exception) =>
            {
                Ok(None)
            }
            Err(error) => Err(fault_of(&id, &error)),
        }
    }

    async fn put_secret(
        &self,
        connection: &ConnectionId,
        name: &str,
        value: &SecretString,
    ) -> Result<(), PortError> {
        let id = self.id(connection, name);
        if self.put(&id, value).await?.is_some() || self.create(&id, value).await?.is_some() {
            return Ok(());
        }
        self.put(&id, value)
            .await?
            .ok_or_else(|| fault::unavailable(SECRETS_MANAGER, "a secret comes and goes"))
    }
}
