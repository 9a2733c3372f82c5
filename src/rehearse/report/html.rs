//! The report as a page.

use askama::Template;

use super::charts::{Chart, in_words};
use super::{Report, Spread};

#[derive(Template)]
#[template(path = "rehearsal/report.html")]
struct ReportPage<'a> {
    report: &'a Report,
    /// What was wrong, or would have been.
    wrong: Vec<(&'static str, u64)>,
    is_right: bool,
    plan: Vec<(&'static str, String)>,
    facts: Vec<(&'static str, String)>,
    charts: Vec<Chart>,
    requests: Vec<RequestsLine>,
    spreads: Vec<(&'static str, Spread)>,
}

/// A line of the table of requests.
struct RequestsLine {
    kind: &'static str,
    cells: Vec<String>,
}

impl Report {
    /// The page.
    ///
    /// # Errors
    /// [`askama::Error`] when it can't be written.
    pub fn html(&self) -> Result<String, askama::Error> {
        let page = ReportPage {
            report: self,
            wrong: self.wrong.all().to_vec(),
            is_right: self.wrong.is_nothing(),
            plan: self.plan_in_words(),
            facts: self.facts(),
            charts: self.charts(),
            requests: self.requests.iter().map(requests_line).collect(),
            spreads: vec![
                ("Looks of a device at its waiting page", self.looks),
                ("Seconds between the turn and the time that was told first", self.error_of_times),
            ],
        };
        page.render()
    }

    fn plan_in_words(&self) -> Vec<(&'static str, String)> {
        let plan = &self.plan;
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        vec![
            ("People", in_words(f64::from(plan.people))),
            ("Arrivals", format!("{:?}", plan.arrivals).to_lowercase()),
            ("Come before the opening", percent(plan.early)),
            ("Prepared in the days before", percent(plan.prepared)),
            ("Book for others too", percent(plan.families)),
            ("Away when their turn comes", percent(plan.no_shows)),
            ("Devices each", format!("{}", plan.devices)),
            ("Reload all the time", percent(plan.impatient)),
            ("Attackers", in_words(f64::from(plan.attackers))),
            ("Seconds a page while booking", format!("{}", plan.think_seconds)),
            ("Connections", in_words(plan.connections as f64)),
            ("Minutes at most", in_words(f64::from(plan.minutes))),
            ("Seed", plan.seed.to_string()),
        ]
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let (people, server) = (&self.people, &self.server);
        let count = |number: u64| in_words(number as f64);
        vec![
            ("People who came", count(people.came)),
            ("Devices that came", count(people.arrived)),
            ("Devices that were told to wait", count(people.waited)),
            ("Devices that saw their turn", count(people.turn_came)),
            ("Devices that were let in", count(people.entered)),
            ("People with a seat", count(people.booked)),
            ("Text messages", count(self.messages)),
            ("Requests without an answer", count(self.unanswered)),
            ("Seconds in all", in_words(self.took.round())),
            ("Processor time of the server, in seconds", in_words(server.cpu_seconds)),
            (
                "The same for each person who came, in milliseconds",
                in_words(server.cpu_seconds_a_person * 1_000.0),
            ),
            ("Processor time of the rehearsal, in seconds", in_words(self.rehearsal_cpu_seconds)),
            ("Most memory of the server, in MB", count(server.memory_bytes_max / 1_000_000)),
            ("Admissions whose places were compared with chance", count(self.evenness.admissions)),
            (
                "Their greatest distance from even, and what chance exceeds once in a hundred times",
                format!("{:.4}, {:.4}", self.evenness.distance, self.evenness.distance_by_chance),
            ),
            (
                "Correlation of coming in with the time of arrival, and with the number of devices",
                format!("{:+.3}, {:+.3}", self.evenness.with_arrival, self.evenness.with_devices),
            ),
            ("Machine", format!("{}, {} cores", self.machine.processor, self.machine.cores)),
        ]
    }

    fn charts(&self) -> Vec<Chart> {
        let of = |value: fn(&super::SecondLine) -> f64| self.seconds.iter().map(value).collect::<Vec<f64>>();
        let used = &self.server.used;
        let busy = used.windows(2).filter_map(|pair| match pair {
            [before, after] => Some((after.cpu_seconds - before.cpu_seconds) * 100.0),
            _ => None,
        });
        vec![
            Chart::new("Devices that wait", vec![("waiting", of(|second| second.waiting as f64))]),
            Chart::new(
                "Arrivals, admissions and bookings a second",
                vec![
                    ("arrived", of(|second| f64::from(second.arrived))),
                    ("let in", of(|second| f64::from(second.entered))),
                    ("booked", of(|second| f64::from(second.booked))),
                ],
            ),
            Chart::new("Requests a second", vec![("answers", of(|second| f64::from(second.answers)))]),
            Chart::new("Processor of the server, in percent of a core", vec![("processor", busy.collect())]),
            Chart::new(
                "Memory of the server, in MB",
                vec![("memory", used.iter().map(|used| used.memory_bytes as f64 / 1e6).collect())],
            ),
        ]
    }
}

fn requests_line(one: &super::Requests) -> RequestsLine {
    let latency = &one.latency_ms;
    let numbers = [
        one.answers as f64,
        one.bytes_each,
        latency.p50,
        latency.p90,
        latency.p99,
        latency.max,
        one.busy as f64,
        one.broken as f64,
    ];
    RequestsLine { kind: one.kind, cells: numbers.iter().map(|number| in_words(*number)).collect() }
}
