use proptest::prelude::*;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// Uses a block up at one second.
fn spend(block: &mut Block, second: i64) -> u32 {
    let count = block.left(at(second));
    for _ in 0..count {
        block.send(at(second));
        block.arrive(at(second));
    }
    count
}

#[test]
fn the_requests_stay_below_what_is_configured() {
    for requests in 2..=1_000 {
        assert!(allowed(requests) < requests, "{requests}");
    }
    assert_eq!((allowed(60), allowed(50), allowed(1)), (57, 47, 1));
}

#[test]
fn a_lonely_seat_gets_all_of_them_and_many_share() {
    let mut budget = Budget::default();
    let blocks = (0..9).map(|_| budget.take(1, at(1_000), 57).map(|block| block.count));
    let blocks: Vec<_> = blocks.flatten().collect();
    assert_eq!(blocks, [16, 16, 16, 9]);
    let mut budget = Budget::default();
    let shares = (1..=5).map(|seat| budget.take(seat, at(1_000), 57).map(|block| block.count));
    let shares: Vec<_> = shares.flatten().collect();
    assert_eq!(shares, [16, 16, 8, 4, 4]);
    // Larger ones where more are allowed, and the last of few are enough.
    let most = |allowed| {
        let block = Budget::default().take(1, at(0), allowed);
        block.map(|block| block.count)
    };
    assert_eq!((most(570), most(2)), (Some(57), Some(2)));
}

#[test]
fn what_was_not_sent_is_there_for_others_and_what_was_comes_back_in_time() {
    let mut budget = Budget::default();
    let mut block = budget.take(1, at(1_000), 16).unwrap();
    assert_eq!(budget.take(2, at(1_000), 16), None);
    block.send(at(1_001));
    block.arrive(at(1_003));
    budget.settle(1, &block);
    assert_eq!(budget.left(at(1_004), 16), 15);
    assert_eq!(budget.left(at(1_003 + 62), 16), 15);
    assert_eq!(budget.left(at(1_003 + 63), 16), 16);
    // Settled twice, it counts twice: more than was sent, never less.
    budget.settle(1, &block);
    assert_eq!(budget.left(at(1_004), 16), 14);
}

#[test]
fn the_block_of_a_dead_worker_counts_at_its_end() {
    let mut budget = Budget::default();
    let mut block = budget.take(1, at(1_000), 16).unwrap();
    assert_eq!((block.left(at(1_055)), block.left(at(1_056))), (16, 0));
    assert_eq!(spend(&mut block, 1_055), 16);
    assert_eq!(budget.left(at(1_060 + 62), 16), 0);
    assert_eq!(budget.left(at(1_060 + 63), 16), 16);
}

#[test]
fn a_budget_survives_its_text_and_an_odd_one_is_empty() {
    let mut budget = Budget::default();
    for second in 1_000..1_060 {
        let mut block = budget.take(1, at(second), 600).unwrap();
        block.send(at(second));
        budget.settle(1, &block);
    }
    budget.take(2, at(1_060), 600).unwrap();
    let text = budget.write("0a1b2c3d", at(1_060));
    assert_eq!(Budget::read(&text), budget);
    // One write unit of the table.
    assert!(text.len() < 800, "{}: {text}", text.len());
    assert_ne!(text, budget.write("0a1b2c3e", at(1_060)));
    assert_eq!(Budget::read("?"), Budget::default());
    let later = Budget::read(&budget.write("0a1b2c3d", at(1_300)));
    assert_eq!(later, Budget::default());
}

/// Seats in these stories.
const SEATS: usize = 5;

/// What a worker does next.
#[derive(Debug, Clone)]
enum Act {
    /// Sends a request, which is answered after so many seconds and was somewhere in between.
    Send { takes: i64, way: i64 },
    /// Stands up and accounts for what it sent.
    Leave,
    /// Dies, perhaps with a request on the way.
    Die { way: Option<i64> },
    /// Takes a block and never hears of it.
    Unheard,
}

/// On which seat, how many seconds after the one before, what.
fn acts() -> impl Strategy<Value = Vec<(usize, i64, Act)>> {
    let act = prop_oneof![
        20 => (0_i64..9, 0..=WAY_S).prop_map(|(takes, way)| Act::Send { takes, way: way.min(takes) }),
        2 => Just(Act::Leave),
        1 => prop::option::of(0..=WAY_S).prop_map(|way| Act::Die { way }),
        1 => Just(Act::Unheard),
    ];
    prop::collection::vec((0..SEATS, 0_i64..4, act), 1..400)
}

/// The table's item, workers on their seats, and what the site saw.
#[derive(Default)]
struct Stage {
    text: String,
    blocks: [Block; SEATS],
    /// By so much each worker's clock is ahead.
    ahead: [i64; SEATS],
    /// Until when a worker waits for an answer.
    busy: [i64; SEATS],
    arrived: Vec<i64>,
}

impl Stage {
    fn account(&mut self, seat: usize, now: i64, wanted: Option<u32>) -> Option<Block> {
        let number = u32::try_from(seat).unwrap() + 1;
        let mut budget = Budget::read(&self.text);
        budget.settle(number, &std::mem::take(&mut self.blocks[seat]));
        let block = wanted.and_then(|allowed| budget.take(number, at(now), allowed));
        self.text = budget.write(&number.to_string(), at(now));
        block
    }

    /// One act at `now`, unless the worker still waits.
    fn act(&mut self, (seat, now): (usize, i64), act: &Act, allowed: u32) {
        if now < self.busy[seat] {
            return;
        }
        let its = now + self.ahead[seat];
        match act {
            Act::Send { takes, way } => {
                if self.may_send(seat, its, allowed) {
                    self.blocks[seat].send(at(its));
                    self.arrived.push(now + way);
                    self.blocks[seat].arrive(at(its + takes));
                    self.busy[seat] = now + takes;
                }
            }
            Act::Leave => drop(self.account(seat, its, None)),
            Act::Die { way } => {
                if let Some(way) = way
                    && self.may_send(seat, its, allowed)
                {
                    self.arrived.push(now + way);
                }
                self.blocks[seat] = Block::default();
            }
            Act::Unheard => drop(self.account(seat, its, Some(allowed))),
        }
    }

    fn may_send(&mut self, seat: usize, its: i64, allowed: u32) -> bool {
        if self.blocks[seat].left(at(its)) == 0 {
            self.blocks[seat] = self.account(seat, its, Some(allowed)).unwrap_or_default();
        }
        self.blocks[seat].left(at(its)) > 0
    }
}

#[test]
fn a_flood_gets_nearly_all_of_them() {
    for (seats, allowed) in [(1, 10), (1, 57), (2, 57), (5, 57), (5, 190)] {
        let mut stage = Stage::default();
        for now in 0..600 {
            for seat in 0..seats {
                for _ in 0..allowed {
                    if !stage.may_send(seat, now, allowed) {
                        break;
                    }
                    stage.act((seat, now), &Act::Send { takes: 0, way: 0 }, allowed);
                }
            }
        }
        let sent = u32::try_from(stage.arrived.len()).unwrap();
        // Every 63 s.
        let (least, most) = (9 * (allowed + 1 - BLOCK_MIN), 10 * allowed);
        assert!((least..=most).contains(&sent), "{seats} {allowed}: {sent}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_minute_sees_more_than_is_allowed_and_nothing_is_lost_for_ever(
        acts in acts(),
        ahead in prop::array::uniform5(0..=2_i64),
        allowed in 1_u32..60,
    ) {
        let mut stage = Stage { ahead, ..Stage::default() };
        let mut now = 1_000_i64;
        for (seat, pause, act) in &acts {
            now += pause;
            stage.act((*seat, now), act, allowed);
        }
        for start in &stage.arrived {
            let minute = *start..=*start + WINDOW_S;
            let inside = stage.arrived.iter().filter(|at| minute.contains(at)).count();
            prop_assert!(inside <= usize::try_from(allowed).unwrap(), "{inside} from {start}");
        }
        // Whatever became of them: a block's life and a minute later all requests are there again.
        let last = stage.busy.iter().copied().max().unwrap_or_default().max(now);
        let later = last + VALID_S + WINDOW_S + 2 * LATE_S + 1;
        prop_assert_eq!(Budget::read(&stage.text).left(at(later), allowed), allowed);
    }
}
