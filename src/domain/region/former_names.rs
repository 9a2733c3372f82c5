//! Other names of provinces and districts: short ones, and former ones that addresses and lists still carry.

/// The names in use for the province with this code besides its official ones, the short one first.
pub(super) fn names_of_province(code: &str) -> &'static [&'static str] {
    match code {
        "seoul" => &["서울", "서울시"],
        "busan" => &["부산", "부산시", "부산직할시"],
        "daegu" => &["대구", "대구시", "대구직할시"],
        "incheon" => &["인천", "인천시", "인천직할시"],
        "gwangju" => &["광주", "광주시", "광주직할시", "전남광주통합특별시", "전남광주특별시", "광주특별시"],
        "daejeon" => &["대전", "대전시", "대전직할시"],
        "ulsan" => &["울산", "울산시"],
        "sejong" => &["세종", "세종시"],
        "gyeonggi" => &["경기", "Gyeonggi Province"],
        "gangwon" => &["강원", "강원도", "Gangwon State", "Gangwon Province"],
        "chungbuk" => &["충북", "North Chungcheong"],
        "chungnam" => &["충남", "South Chungcheong"],
        "jeonbuk" => &["전북", "전라북도", "전북도", "Jeonbuk State", "Jeollabuk-do", "North Jeolla"],
        "jeonnam" => &["전남", "전남광주통합특별시", "전남광주특별시", "광주특별시", "South Jeolla"],
        "gyeongbuk" => &["경북", "North Gyeongsang"],
        "gyeongnam" => &["경남", "South Gyeongsang"],
        "jeju" => &["제주", "제주도", "Jeju Province"],
        _ => &[],
    }
}

/// Former province and name of a district, then the province and district of today.
type Former = (&'static str, &'static str, &'static str, &'static str);

/// Where a district was divided it stands several times, the likeliest part first.
const FORMER_DISTRICTS: &[Former] = &[
    // Moved to Daegu in July 2023.
    ("gyeongbuk", "군위군", "daegu", "gunwi-gun"),
    // Incheon's districts were redrawn in July 2026; 남구 was renamed in July 2018.
    ("incheon", "중구", "incheon", "jemulpo-gu"),
    ("incheon", "중구", "incheon", "yeongjong-gu"),
    ("incheon", "동구", "incheon", "jemulpo-gu"),
    ("incheon", "남구", "incheon", "michuhol-gu"),
    ("incheon", "서해구", "incheon", "seo-gu"),
    // Joined with Cheongju in July 2014.
    ("chungbuk", "청원군", "chungbuk", "cheongju-cheongwon-gu"),
    ("chungbuk", "청원군", "chungbuk", "cheongju-sangdang-gu"),
    ("chungbuk", "청원군", "chungbuk", "cheongju-heungdeok-gu"),
    ("chungbuk", "청원군", "chungbuk", "cheongju-seowon-gu"),
    // Joined with Changwon in July 2010.
    ("gyeongnam", "마산시", "gyeongnam", "changwon-masanhappo-gu"),
    ("gyeongnam", "마산시", "gyeongnam", "changwon-masanhoewon-gu"),
    ("gyeongnam", "진해시", "gyeongnam", "changwon-jinhae-gu"),
    // Became cities.
    ("gyeonggi", "여주군", "gyeonggi", "yeoju-si"),
    ("chungnam", "당진군", "chungnam", "dangjin-si"),
    ("chungnam", "연기군", "sejong", "sejong-si"),
];

/// Codes (province, district) of what the district called `name` in the province is today.
pub(super) fn districts_once_called(
    province: &str,
    name: &str,
) -> impl Iterator<Item = (&'static str, &'static str)> {
    FORMER_DISTRICTS
        .iter()
        .filter(move |(former_province, former_name, ..)| {
            *former_province == province && *former_name == name
        })
        .map(|(_, _, province, district)| (*province, *district))
}

/// Whether the district had this name, or is a part of one that had.
pub(super) fn was_called(province: &str, district: &str, name: &str) -> bool {
    FORMER_DISTRICTS.iter().any(|former| (former.2, former.3) == (province, district) && former.1 == name)
}
