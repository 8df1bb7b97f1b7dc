//! The documents of a connection that are not at an end: they decide what may become of it.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use posting::record::List;
use posting::{ConnectionId, DocumentId};

use crate::connection::Fixed;
use crate::needs::Needs;
use crate::ports::{Clock, Key, Ledger, PortError, StoredConnection};

/// Documents counted of one list; more are shown as this number.
pub(super) const COUNT_MAX: usize = 1_000;
/// Records read in one request of the ledger.
const RECORDS_MAX: usize = 100;

/// How many documents are on their way, of each list at most [`COUNT_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UnderWay {
    pub(super) open: usize,
    pub(super) held: usize,
}

impl UnderWay {
    pub(super) fn is_over(self) -> bool {
        self.open == 0 && self.held == 0
    }
}

impl fmt::Display for UnderWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} open, {} held", self.open, self.held)
    }
}

/// Counts what is on its way.
pub(super) async fn under_way<L: Ledger, Q, V, C>(
    needs: &Needs<L, Q, V, C>,
    id: &ConnectionId,
) -> Result<UnderWay, PortError> {
    let count = async |list| {
        let listed = needs.ledger.work(id, list, None, COUNT_MAX).await;
        listed.map(|listed| listed.len())
    };
    Ok(UnderWay {
        open: count(List::Open).await?,
        held: count(List::Held).await?,
    })
}

/// Counts what is on its way and was begun in other places than these. A record that does not say where counts as begun under
/// the newest version; of a list that is too long to be read all count.
pub(super) async fn under_way_elsewhere<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    newest: &StoredConnection,
    places: &Fixed,
) -> Result<UnderWay, PortError> {
    let mut elsewhere = BTreeMap::new();
    Ok(UnderWay {
        open: count_elsewhere(needs, (newest, List::Open), places, &mut elsewhere).await?,
        held: count_elsewhere(needs, (newest, List::Held), places, &mut elsewhere).await?,
    })
}

async fn count_elsewhere<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    (newest, list): (&StoredConnection, List),
    places: &Fixed,
    elsewhere: &mut BTreeMap<u64, bool>,
) -> Result<usize, PortError> {
    let listed = needs.ledger.work(&newest.id, list, None, COUNT_MAX).await?;
    if listed.len() == COUNT_MAX {
        return Ok(COUNT_MAX);
    }
    let key = |(document, _): (DocumentId, _)| Key {
        connection: newest.id.clone(),
        document,
    };
    let keys: Vec<Key> = listed.into_iter().map(key).collect();
    let mut count = 0_usize;
    for keys in keys.chunks(RECORDS_MAX) {
        let mut records = needs.ledger.records(keys).await?;
        // The index follows by moments; the record says where a document stands.
        records.retain(|record| record.list() != List::Done);
        let under = records
            .iter()
            .map(|record| record.under.unwrap_or(newest.version));
        let under: Vec<u64> = under.collect();
        for version in under.iter().copied().collect::<BTreeSet<_>>() {
            if let Entry::Vacant(unknown) = elsewhere.entry(version) {
                unknown.insert(differs(needs, newest, version, places).await?);
            }
        }
        let away = under
            .iter()
            .filter(|version| elsewhere.get(version) == Some(&true));
        count = count.saturating_add(away.count());
    }
    Ok(count)
}

/// Whether a version names other places. One that is not stored or cannot be read any more is like the newest.
async fn differs<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    newest: &StoredConnection,
    version: u64,
    places: &Fixed,
) -> Result<bool, PortError> {
    let below = version.checked_add(1);
    let found = needs.ledger.versions(&newest.id, below, 1).await?;
    let own = found.first().filter(|stored| stored.version == version);
    let read = |stored: &StoredConnection| Fixed::read(&stored.text, &needs.deployment);
    let before = own.and_then(read).or_else(|| read(newest));
    Ok(before.is_none_or(|before| before != *places))
}
