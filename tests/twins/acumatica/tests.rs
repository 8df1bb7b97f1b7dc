//! Acumatica behaves as its contract says, dangers included.

mod actions;
mod consent;
mod faults;
mod licence;
mod people;
mod projects;
mod reads;
mod sign_in;
mod taxes;
mod writes;

use serde_json::{Value, json};

use super::*;
use crate::twins::probe::{Answer, Probe};

const BILL: &str = "/entity/Default/24.200.001/Bill";
const JOURNAL: &str = "/entity/Default/24.200.001/JournalTransaction";

struct World {
    twin: AcumaticaTwin,
    api: Probe,
}

async fn sign_in(twin: &AcumaticaTwin, scope: &str) -> Answer {
    let o = twin.options();
    let form = format!(
        "grant_type=password&client_id={}&client_secret={}&username={}&password={}&scope={scope}",
        o.client_id(),
        o.client_secret,
        o.username,
        o.password
    );
    Probe::new(&twin.url())
        .send("POST", "/identity/connect/token", &form)
        .await
}

async fn world_with(options: Options) -> World {
    let seed = crate::demo::acumatica_seed();
    let twin = AcumaticaTwin::start(Options { seed, ..options })
        .await
        .unwrap();
    let token = sign_in(&twin, "api").await;
    let api = Probe::new(&twin.url()).with_bearer(token.body["access_token"].as_str().unwrap());
    World { twin, api }
}

async fn world() -> World {
    world_with(Options::default()).await
}

async fn sign_out(api: &Probe) -> u16 {
    // Without the header nothing says that the body is empty, and the server refuses.
    let request = api
        .request("POST", "/entity/auth/logout")
        .header("content-length", "0");
    request.send().await.unwrap().status().as_u16()
}

impl World {
    async fn put(&self, path: &str, body: &Value) -> Answer {
        self.api.send("PUT", path, &body.to_string()).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.api.send("GET", &path.replace(' ', "%20"), "").await
    }

    async fn found(&self, filter: &str) -> usize {
        let answer = self.get(&format!("{BILL}?$filter={filter}")).await;
        assert_eq!(answer.status, 200, "{filter}: {}", answer.text);
        answer.body.as_array().unwrap().len()
    }
}

fn v(value: impl Into<Value>) -> Value {
    json!({"value": value.into()})
}

fn line(amount: &str) -> Value {
    json!({
        "TransactionDescription": v("Taxi"), "ExtendedCost": {"value": crate::amounts::literal(amount)},
        "Account": v("61000"), "Subaccount": v("000000"), "Project": v("X"), "TaxCategory": v("EXEMPT"),
    })
}

fn bill(reference: &str, lines: &[&str]) -> Value {
    let details: Vec<Value> = lines.iter().map(|amount| line(amount)).collect();
    json!({
        "Type": v("Bill"), "Vendor": v("E00101"), "VendorRef": v(reference), "Date": v("2026-11-12T00:00:00"),
        "BranchID": v("MAIN"), "CurrencyID": v("USD"), "Hold": v(false), "Description": v("Ada Archer trip"),
        "Amount": v(0), "Details": details,
    })
}

fn batch(debit: &str, credit: &str) -> Value {
    let amount = |digits: &str| json!({"value": crate::amounts::literal(digits)});
    json!({
        "TransactionDate": v("2026-11-12T00:00:00"), "Description": v("CNQR:abc/1.1 flight"), "Hold": v(false),
        "Details": [
            {"Account": v("61000"), "DebitAmount": amount(debit)},
            {"Account": v("21590"), "CreditAmount": amount(credit), "ReferenceNbr": v("CARD-1")},
        ],
    })
}

/// Sends bytes as they are, and reads what comes back.
async fn raw_request(twin: &AcumaticaTwin, text: &str) -> String {
    let address = twin.url().trim_start_matches("http://").to_owned();
    let text = text.to_owned();
    tokio::task::spawn_blocking(move || {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        let mut buffer = [0_u8; 512];
        let count = stream.read(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..count]).into_owned()
    })
    .await
    .unwrap()
}
