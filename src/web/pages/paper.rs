//! What people take with them: the QR code that names a booking, and its calendar file.

use std::fmt::Write;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Path;
use fast_qr::{ECL, Module, QRBuilder};

use super::access::open_booking;
use crate::engine::letters::booking_facts;
use crate::notify::calendar::{self, Purpose};
use crate::web::page::Answer;
use crate::web::problem::Problem;
use crate::web::visitor::Visitor;

/// Light modules around the code, as ISO/IEC 18004 asks for.
const QUIET_MODULES: usize = 4;

/// A QR code as one path of an SVG image: a line for each run of dark modules.
#[derive(Clone)]
pub struct QrImage {
    /// The image's `viewBox`.
    pub view: String,
    /// The path's `d`, to be stroked one module wide.
    pub path: String,
}

impl QrImage {
    /// The code of the address that names a booking. `None` when the address is too long for any code.
    pub fn of_reference(public_url: &str, reference: &str) -> Option<Self> {
        Self::of(&format!("{public_url}/r/{reference}"))
    }

    /// The code of an address. `None` when it is too long for any code.
    pub fn of(address: &str) -> Option<Self> {
        let code = QRBuilder::new(address).ecl(ECL::M).build().ok()?;
        let side = code.size + 2 * QUIET_MODULES;
        // A line is drawn along the middle of its row, half a module below the row's upper edge.
        let view = format!("-{QUIET_MODULES} -{QUIET_MODULES}.5 {side} {side}");
        Some(Self { view, path: path((0..code.size).map(|row| &code[row])) })
    }
}

fn path<'a>(rows: impl Iterator<Item = &'a [Module]>) -> String {
    let mut path = String::new();
    for (y, row) in rows.enumerate() {
        let mut x = 0;
        let mut pen = None;
        for run in row.chunk_by(|one, next| one.value() == next.value()) {
            if run.first().is_some_and(|module| module.value()) {
                // Writing to a text can't fail.
                let _ = match pen {
                    None => write!(path, "M{x} {y}h{}", run.len()),
                    Some(pen) => write!(path, "m{} 0h{}", x - pen, run.len()),
                };
                pen = Some(x + run.len());
            }
            x += run.len();
        }
    }
    path
}

/// The booking as a file that calendars read.
pub async fn calendar_file(visitor: Visitor, reference: Path<String>) -> Answer {
    let one = open_booking(&visitor, &reference).await?;
    if !one.state.is_live() {
        return Err(Problem::NotFound);
    }
    let (language, now) = (visitor.language, visitor.engine().now());
    let manage_url = format!("{}/bookings/{}", visitor.web.settings.public_url, one.reference.as_str());
    let facts = booking_facts(&visitor.engine().country.now(), language, &one, &manage_url)
        .ok_or(Problem::NotFound)?;
    let name = format!("attachment; filename=\"sunbeon-{}.ics\"", one.reference.spoken());
    Ok(HttpResponse::Ok()
        .content_type(Purpose::Publish.media_type())
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, name))
        .body(calendar::file(language, &facts, Purpose::Publish, now)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Where the path's lines are dark, module by module.
    fn drawn(path: &str) -> BTreeSet<(usize, usize)> {
        let mut dark = BTreeSet::new();
        let (mut x, mut y) = (0, 0);
        let steps = path.replace('M', "\nM").replace('m', "\nm");
        for step in steps.lines().filter(|step| !step.is_empty()) {
            let (to, length) = step[1..].split_once('h').unwrap();
            let (right, down) = to.split_once(' ').unwrap();
            let (right, down): (usize, usize) = (right.parse().unwrap(), down.parse().unwrap());
            (x, y) = if step.starts_with('M') { (right, down) } else { (x + right, y + down) };
            for _ in 0..length.parse().unwrap() {
                dark.insert((x, y));
                x += 1;
            }
        }
        dark
    }

    /// What a scanner reads that sees so many pixels a module.
    fn scanned(image: &QrImage, pixels: usize) -> String {
        let side: usize = image.view.rsplit(' ').next().unwrap().parse().unwrap();
        let dark = drawn(&image.path);
        let seen = |x: usize, y: usize| {
            let module = |at: usize| (at / pixels).checked_sub(QUIET_MODULES);
            module(x).zip(module(y)).is_some_and(|module| dark.contains(&module))
        };
        let mut page = rqrr::PreparedImage::prepare_from_greyscale(side * pixels, side * pixels, |x, y| {
            if seen(x, y) { 0 } else { 255 }
        });
        page.detect_grids().first().expect("a code").decode().expect("a code that can be read").1
    }

    #[test]
    fn a_scanner_reads_the_address_of_the_booking() {
        for (public_url, reference) in [
            ("https://sunbeon.example.org", "ABCDEFGH"),
            ("http://127.0.0.1:8080", "23456789"),
            ("https://vaccination.a-very-long-name-of-a-city.example.org:8443", "ZZZZZZZZ"),
        ] {
            let image = QrImage::of_reference(public_url, reference).unwrap();
            assert_eq!(scanned(&image, 4), format!("{public_url}/r/{reference}"));
        }
        let usual = QrImage::of_reference("https://sunbeon.example.org", "ABCDEFGH").unwrap();
        assert_eq!(usual.view, "-4 -4.5 37 37");
        assert!(usual.path.len() < 1_600, "{} bytes", usual.path.len());
    }

    #[test]
    fn an_address_that_fits_no_code_has_none() {
        assert!(QrImage::of_reference(&"x".repeat(5_000), "ABCDEFGH").is_none());
    }
}
