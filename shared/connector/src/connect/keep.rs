//! `keep`: looks after the tokens of connections nobody uses, so that none dies of idleness, and counts those whose end is
//! near. The schedule calls it every hour, and every connection has its turn once a day.

use std::cell::Cell;

use futures_util::StreamExt;
use jiff::Timestamp;
use posting::ConnectionId;
use serde::Serialize;

use super::message::Message;
use super::said::{ACUMATICA, Connected, Said};
use crate::connection::Connection;
use crate::needs::{ConnectionError, Needs, Run};
use crate::ports::{Clock, Ledger, StoredConnection, Vault};
use crate::report::chain;
use crate::seats::{Consents, SeatError};
use crate::tokens::TokenError;

/// Connections looked after at a time.
const CONNECTIONS_AT_A_TIME: usize = 8;
/// A connection's turn is one hour of the day (UTC), told by its id.
const TURNS: u64 = 24;

/// The answer of `keep`.
#[derive(Debug, Serialize)]
pub struct Kept {
    /// Connections looked after.
    pub kept: usize,
    /// Connections the run had no time for; their turn comes again tomorrow.
    pub left: usize,
    /// Connections whose refresh token ends within 30 days.
    pub ending: usize,
    /// The one that was asked for, or those with something to do.
    pub connections: Vec<Connected>,
}

/// Looks after one connection, or after all whose turn this hour is. May be repeated: tokens in use are left alone.
///
/// # Errors
/// [`ConnectionError`] when the connections cannot be read; everything else stands in the answer.
pub(super) async fn keep<L: Ledger, Q, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    one: Option<&ConnectionId>,
) -> Result<Kept, ConnectionError> {
    if let Some(id) = one {
        let connection = needs.connection(id).await?;
        let connected = look_after(needs, run, &connection).await;
        return Ok(Kept::of(vec![connected], 0, |_| true));
    }
    let stored = needs.ledger.connections().await;
    let mut stored = stored.map_err(ConnectionError::Port)?;
    let turn = hour(needs.now());
    stored.retain(|stored| turn_of(&stored.id) == turn);
    let left = Cell::new(0);
    let looked_after = futures_util::stream::iter(&stored)
        .map(|stored| async {
            if run.left(needs.now()) < needs.deployment.clocks.begin_margin {
                left.set(left.get() + 1);
                return None;
            }
            Some(look_after_stored(needs, run, stored).await)
        })
        .buffered(CONNECTIONS_AT_A_TIME)
        .filter_map(std::future::ready)
        .collect()
        .await;
    Ok(Kept::of(looked_after, left.get(), |connected| {
        !connected.ok
    }))
}

impl Kept {
    fn of(
        looked_after: Vec<Connected>,
        left: usize,
        is_shown: impl Fn(&Connected) -> bool,
    ) -> Self {
        let ends = |connected: &&Connected| connected.said.iter().any(|row| row.ends);
        let mut kept = Self {
            kept: looked_after.len(),
            left,
            ending: looked_after.iter().filter(ends).count(),
            connections: looked_after,
        };
        kept.connections.retain(is_shown);
        kept
    }
}

async fn look_after_stored<L: Ledger, Q, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    stored: &StoredConnection,
) -> Connected {
    match needs.compiled(stored) {
        Ok(connection) => look_after(needs, run, &connection).await,
        Err(error) => {
            let faulty = Said::new("connection", Message::ConnectionFaulty, chain(&error));
            Connected::of(stored.id.clone(), vec![faulty])
        }
    }
}

async fn look_after<L: Ledger, Q, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    connection: &Connection,
) -> Connected {
    let concur = match Box::pin(needs.token_facts(connection, run)).await {
        Ok(facts) => Said::kept(&facts, needs.now()),
        Err(error) => {
            // Once a day it rings anew, until a person acts.
            if matches!(error, TokenError::Refused(_)) {
                needs.kept.note_refused();
            }
            Said::no_tokens(&error)
        }
    };
    let acumatica = match Box::pin(needs.keep_acumatica(connection, run)).await {
        Ok(Some(consents)) => {
            let Consents { there, refreshed } = consents;
            let detail = format!("{there} refresh tokens, {refreshed} refreshed now");
            Said::new(ACUMATICA, Message::ConsentsKept, detail)
        }
        Ok(None) => Said::new(ACUMATICA, Message::PasswordThere, "no refresh tokens"),
        Err(error) => {
            if matches!(error, SeatError::Refused(_)) {
                needs.kept.note_refused();
            }
            Said::no_seat(&error)
        }
    };
    let connected = Connected::of(connection.id.clone(), vec![concur, acumatica]);
    for row in connected.said.iter().filter(|row| !row.ok) {
        let Said {
            of,
            message,
            detail,
            cure,
            ..
        } = row;
        let message = message.as_str();
        tracing::warn!(connection = %connection.id, of, message, detail, cure, "tokens need a person");
    }
    connected
}

fn hour(now: Timestamp) -> u64 {
    let hours = now.as_second().div_euclid(3_600);
    u64::try_from(hours).unwrap_or(0) % TURNS
}

fn turn_of(id: &ConnectionId) -> u64 {
    let bytes = id.as_str().bytes();
    let sum = bytes.fold(0_u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    sum % TURNS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_connections_share_the_day() {
        let mut turns = [0_usize; 24];
        for number in 0..1_000 {
            let id = ConnectionId::new(format!("customer-{number}")).unwrap();
            turns[usize::try_from(turn_of(&id)).unwrap()] += 1;
        }
        assert!(
            turns.iter().all(|count| (20..70).contains(count)),
            "{turns:?}"
        );
        assert_eq!(hour("2026-11-24T23:30:00Z".parse().unwrap()), 23);
    }
}
