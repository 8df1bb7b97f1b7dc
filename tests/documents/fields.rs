//! What all documents share: people, organisation, families of numbered fields, dates.

use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

/// An employee as Concur delivers one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Employee number, often the vendor number in the ERP.
    pub id: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
}

impl Person {
    /// A person.
    #[must_use]
    pub fn new(id: &str, first_name: &str, last_name: &str) -> Self {
        Self {
            id: id.to_owned(),
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
        }
    }
}

/// Where spend belongs: the codes a customer keeps in organisation and custom fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Company or branch code, in organisation unit 2 and allocation custom 2.
    pub branch: String,
    /// Department code, in organisation unit 4 and allocation custom 4.
    pub department: String,
    /// Project code, in allocation custom 5; none for overhead.
    pub project: Option<String>,
}

impl Place {
    /// A branch and a department, no project.
    #[must_use]
    pub fn new(branch: &str, department: &str) -> Self {
        Self {
            branch: branch.to_owned(),
            department: department.to_owned(),
            project: None,
        }
    }

    /// The same place on a project.
    #[must_use]
    pub fn on_project(mut self, project: &str) -> Self {
        self.project = Some(project.to_owned());
        self
    }

    /// The place as allocation custom fields.
    pub(super) fn customs(&self) -> Vec<(u32, String)> {
        let mut customs = vec![(2, self.branch.clone()), (4, self.department.clone())];
        customs.extend(self.project.clone().map(|project| (5, project)));
        customs
    }

    /// The place as organisation units.
    pub(super) fn units(&self) -> Vec<(u32, String)> {
        vec![(2, self.branch.clone()), (4, self.department.clone())]
    }
}

/// Adds `{prefix}{1..=count}Code` and `…Value`, null but for the codes given.
pub(super) fn family(
    members: &mut Map<String, Value>,
    prefix: &str,
    count: u32,
    codes: &[(u32, String)],
) {
    for n in 1..=count {
        let code = codes
            .iter()
            .find(|(wanted, _)| *wanted == n)
            .map(|(_, code)| code);
        members.insert(format!("{prefix}{n}Code"), json!(code));
        members.insert(
            format!("{prefix}{n}Value"),
            json!(code.map(|code| format!("Unit {code}"))),
        );
    }
}

/// Adds members that are null.
pub(super) fn nulls(members: &mut Map<String, Value>, names: &[&str]) {
    for name in names {
        members.entry((*name).to_owned()).or_insert(Value::Null);
    }
}

/// An object's members; what the `json!` of an object is made of.
pub(super) fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// The employee's object of a document.
pub(super) fn employee(person: &Person, place: &Place) -> Map<String, Value> {
    let mut object = members(json!({
        "employeeId": person.id,
        "employeeFirstName": person.first_name,
        "employeeLastName": person.last_name,
        "employeeMI": null,
    }));
    family(&mut object, "employeeCustom", 21, &[(16, "N".to_owned())]);
    family(&mut object, "employeeOrgUnit", 6, &place.units());
    object
}

/// The first day documents of the generator carry.
const FIRST_DAY: Date = Date::constant(2026, 11, 2);

/// A day some days after the generator's first one.
pub(super) fn day(offset: i64) -> Date {
    FIRST_DAY.checked_add(offset.days()).unwrap_or(FIRST_DAY)
}

/// Midnight as Concur writes dates that are no instants.
pub(super) fn midnight(date: Date) -> String {
    format!("{date}T00:00:00.000Z")
}

/// An instant in the afternoon of a day.
pub(super) fn instant(date: Date, minute: i64) -> String {
    format!("{date}T18:{:02}:03.050Z", minute.rem_euclid(60))
}
