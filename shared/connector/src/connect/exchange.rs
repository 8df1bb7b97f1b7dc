//! `connect`: exchanges what a person put into the secrets for tokens, once, and says what to do next.

use super::said::{Connected, Said};
use crate::connection::Connection;
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Ledger, Vault};

/// Both sides, whatever becomes of the first.
pub(super) async fn exchange<L: Ledger, Q, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    connection: &Connection,
) -> Connected {
    let concur = match Box::pin(needs.connect_concur(connection, run)).await {
        Ok(tokens) => Said::tokens(&tokens),
        Err(error) => Said::no_tokens(&error),
    };
    let mut said = vec![concur];
    let seats = connection.acumatica.seats;
    match Box::pin(needs.connect_acumatica(connection, run)).await {
        Ok(standings) => said.extend(
            (1..)
                .zip(standings)
                .map(|(number, standing)| Said::standing(number, standing, seats)),
        ),
        Err(error) => said.push(Said::no_seat(&error)),
    }
    Connected::of(connection.id.clone(), said)
}
