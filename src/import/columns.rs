//! Which column of a file is which of ours.

use std::fmt;
use std::str::FromStr;

use super::error::Problem;
use crate::domain::text::{fold_width, is_blank};

/// A column that an import knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// The operator's own number of the site, which makes it the same site in every file.
    Id,
    /// Its name as people know it.
    Name,
    /// Street address, or the administrative division.
    Address,
    /// Province (시도).
    Province,
    /// District (시군구).
    District,
    /// Degrees north (WGS84).
    Latitude,
    /// Degrees east (WGS84).
    Longitude,
    /// A number people may call.
    Phone,
    /// Words such as `step-free`.
    Features,
    /// Codes of products, each with its own seats if need be: `flu-2026:6`.
    Products,
    /// Weekly opening hours.
    Hours,
    /// Seats each half hour, of every product without its own.
    Seats,
}

impl Column {
    /// All columns, as the example has them.
    pub const ALL: [Self; 12] = [
        Self::Id,
        Self::Name,
        Self::Address,
        Self::Province,
        Self::District,
        Self::Latitude,
        Self::Longitude,
        Self::Phone,
        Self::Features,
        Self::Products,
        Self::Hours,
        Self::Seats,
    ];

    /// What it is called in a file and in a mapping.
    pub fn word(self) -> &'static str {
        self.headers()[0]
    }

    /// Headers that are taken for it without a mapping, the likeliest first.
    pub fn headers(self) -> &'static [&'static str] {
        match self {
            Self::Id => &["id", "code", "기관코드", "요양기관기호", "시설코드", "관리번호"],
            Self::Name => &[
                "name",
                "이름",
                "시설명",
                "기관명",
                "명칭",
                "센터명",
                "접종기관명",
                "의료기관명",
                "요양기관명",
                "장소명",
            ],
            Self::Address => &[
                "address",
                "주소",
                "도로명주소",
                "소재지도로명주소",
                "소재지",
                "소재지주소",
                "지번주소",
                "행정구역",
            ],
            Self::Province => &["province", "시도", "시도명", "광역시도", "sido"],
            Self::District => &["district", "시군구", "시군구명", "sigungu"],
            Self::Latitude => &["latitude", "위도", "lat", "y좌표"],
            Self::Longitude => &["longitude", "경도", "lon", "lng", "x좌표"],
            Self::Phone => &["phone", "전화번호", "전화", "연락처", "대표전화", "telephone", "tel"],
            Self::Features => &["features", "편의시설", "특징", "시설특징"],
            Self::Products => &["products", "백신", "백신종류", "접종백신"],
            Self::Hours => &["hours", "운영시간", "접종시간", "진료시간", "이용시간"],
            Self::Seats => &["seats", "정원", "좌석", "인원", "30분당인원"],
        }
    }

    fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.word() == word)
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// `name=시설명`: our column, and the header of theirs; several headers with `+` between are joined with blanks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// Our column.
    pub column: Column,
    /// Their headers.
    pub headers: Vec<String>,
}

/// Why a text is not a mapping.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// No column, or no header.
    #[error("\"{found}\" is not a mapping; write our column = your header, such as name=시설명")]
    NotAMapping {
        /// The text.
        found: String,
    },
    /// A column that we don't have.
    #[error("\"{found}\" is not a column of ours; write one of {}", words())]
    UnknownColumn {
        /// The word.
        found: String,
    },
}

fn words() -> String {
    Column::ALL.map(Column::word).join(", ")
}

impl FromStr for Mapping {
    type Err = MappingError;

    fn from_str(text: &str) -> Result<Self, MappingError> {
        let not_a_mapping = || MappingError::NotAMapping { found: text.to_owned() };
        let (column, headers) = text.split_once('=').ok_or_else(not_a_mapping)?;
        let column = column.trim().to_lowercase();
        let column = Column::named(&column).ok_or(MappingError::UnknownColumn { found: column })?;
        let headers: Vec<String> = headers.split('+').map(|header| header.trim().to_owned()).collect();
        if headers.iter().any(String::is_empty) {
            return Err(not_a_mapping());
        }
        Ok(Self { column, headers })
    }
}

/// Where in a row each of our columns stands.
pub(super) struct Layout {
    places: Vec<(Column, Vec<usize>)>,
    /// Headers that belong to no column of ours.
    pub(super) unused: Vec<String>,
    /// How many cells a row has.
    pub(super) width: usize,
}

impl Layout {
    /// Finds the columns in the first row: mapped ones by the mapping, all others by the headers they usually have.
    ///
    /// # Errors
    /// Every mapping that names a header which is not there, or a column mapped before.
    pub(super) fn of(header: &[String], mappings: &[Mapping]) -> Result<Self, Vec<Problem>> {
        let theirs: Vec<String> = header.iter().map(|name| fold(name)).collect();
        let place_of = |name: &str| theirs.iter().position(|their| !their.is_empty() && *their == fold(name));
        let mut places: Vec<(Column, Vec<usize>)> = Vec::new();
        let mut problems = Vec::new();
        for Mapping { column, headers } in mappings {
            if places.iter().any(|(mapped, _)| mapped == column) {
                problems.push(Problem::new(
                    "--map",
                    column.word(),
                    "each column once; join headers with +, as in address=시도+시군구",
                ));
                continue;
            }
            let found = headers.iter().map(|name| {
                let accepted = format!("a header of the file: {}", header.join(", "));
                place_of(name).ok_or_else(|| Problem::new(format!("--map {column}"), name, accepted))
            });
            let (there, missing): (Vec<_>, Vec<_>) = found.partition(Result::is_ok);
            problems.extend(missing.into_iter().filter_map(Result::err));
            places.push((*column, there.into_iter().flatten().collect()));
        }
        for column in Column::ALL {
            if !places.iter().any(|(mapped, _)| *mapped == column)
                && let Some(place) = column.headers().iter().find_map(|name| place_of(name))
            {
                places.push((column, vec![place]));
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let is_used = |at: usize| places.iter().any(|(_, used)| used.contains(&at));
        let unused = header.iter().enumerate().filter(|(at, name)| !is_used(*at) && !name.trim().is_empty());
        let unused = unused.map(|(_, name)| name.trim().to_owned()).collect();
        Ok(Self { places, unused, width: header.len() })
    }

    /// Whether the file has the column.
    pub(super) fn has(&self, column: Column) -> bool {
        self.places.iter().any(|(there, _)| *there == column)
    }

    /// The column's cell in a row as it stands there; several are joined with blanks. Empty when there is none.
    pub(super) fn cell(&self, column: Column, cells: &[String]) -> String {
        let places = self.places.iter().find(|(there, _)| *there == column).map(|(_, places)| places);
        let parts = places.into_iter().flatten().filter_map(|at| cells.get(*at)).map(|cell| cell.trim());
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// A header with what people write differently taken away.
fn fold(header: &str) -> String {
    let kept = |sign: &char| !is_blank(*sign) && !matches!(sign, '_' | '-' | '(' | ')' | '/');
    fold_width(header).chars().filter(kept).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn layout(header: &[&str], mappings: &[&str]) -> Result<Layout, Vec<Problem>> {
        let header: Vec<String> = header.iter().map(ToString::to_string).collect();
        let mappings: Vec<Mapping> = mappings.iter().map(|text| text.parse().unwrap()).collect();
        Layout::of(&header, &mappings)
    }

    fn row(cells: &[&str]) -> Vec<String> {
        cells.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn usual_headers_are_known() {
        let layout = layout(&[" 시설명", "시 도", "시군구명", "위도", "경도", "비고"], &[]).unwrap();
        let cells = row(&["보건소", "서울", "중구", "37.5", "127.0", ""]);
        assert_eq!(layout.cell(Column::Name, &cells), "보건소");
        assert_eq!(layout.cell(Column::Province, &cells), "서울");
        assert_eq!(layout.cell(Column::Longitude, &cells), "127.0");
        assert!(!layout.has(Column::Hours));
        assert_eq!(layout.unused, ["비고"]);
    }

    #[test]
    fn a_mapping_wins_and_joins() {
        let layout = layout(&["name", "큰이름", "a", "b"], &["name=큰이름", "address = a + b"]).unwrap();
        let cells = row(&["x", "y", "서울", " 중구 "]);
        assert_eq!(layout.cell(Column::Name, &cells), "y");
        assert_eq!(layout.cell(Column::Address, &cells), "서울 중구");
        assert_eq!(layout.unused, ["name"]);
    }

    #[test]
    fn all_wrong_mappings_are_told_at_once() {
        let problems = layout(&["a", "b"], &["name=c", "phone=a+d", "name=a"]).err().map(|found| found.len());
        assert_eq!(problems, Some(3));
        for text in ["name", "name=", "name=a+", "nam=a", "="] {
            assert!(text.parse::<Mapping>().is_err(), "{text}");
        }
    }

    #[test]
    fn no_header_means_two_columns() {
        let all: Vec<String> =
            Column::ALL.iter().flat_map(|column| column.headers()).map(|header| fold(header)).collect();
        let distinct: std::collections::HashSet<&String> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }
}
