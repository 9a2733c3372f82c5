//! Word lists of the demo, each word in Korean with its romanisation or translation.

use crate::domain::clock::{Chance, ChanceExt};

/// A word in Korean and in English.
pub(super) type Word = (&'static str, &'static str);

/// One of `items`, each as likely as the other.
pub(super) fn pick<T: Copy>(chance: &dyn Chance, items: &[T], otherwise: T) -> T {
    let index = usize::try_from(chance.below(items.len() as u64)).unwrap_or(0);
    items.get(index).copied().unwrap_or(otherwise)
}

/// One of `words`.
pub(super) fn word(chance: &dyn Chance, words: &[Word]) -> Word {
    pick(chance, words, ("", ""))
}

/// Names as neighbourhoods (동) carry them everywhere in the country.
pub(super) const NEIGHBOURHOODS: &[Word] = &[
    ("중앙", "Jungang"),
    ("신흥", "Sinheung"),
    ("송정", "Songjeong"),
    ("남산", "Namsan"),
    ("북문", "Bungmun"),
    ("동문", "Dongmun"),
    ("서문", "Seomun"),
    ("남문", "Nammun"),
    ("역전", "Yeokjeon"),
    ("시장", "Sijang"),
    ("신촌", "Sinchon"),
    ("신정", "Sinjeong"),
    ("용두", "Yongdu"),
    ("용산", "Yongsan"),
    ("금곡", "Geumgok"),
    ("금호", "Geumho"),
    ("대흥", "Daeheung"),
    ("덕산", "Deoksan"),
    ("도원", "Dowon"),
    ("매산", "Maesan"),
    ("명륜", "Myeongnyun"),
    ("문화", "Munhwa"),
    ("백운", "Baegun"),
    ("봉산", "Bongsan"),
    ("부곡", "Bugok"),
    ("사직", "Sajik"),
    ("산성", "Sanseong"),
    ("삼성", "Samseong"),
    ("상록", "Sangnok"),
    ("석교", "Seokgyo"),
    ("성남", "Seongnam"),
    ("송림", "Songnim"),
    ("수정", "Sujeong"),
    ("신성", "Sinseong"),
    ("안골", "Angol"),
    ("양지", "Yangji"),
    ("연화", "Yeonhwa"),
    ("영화", "Yeonghwa"),
    ("오산", "Osan"),
    ("옥천", "Okcheon"),
    ("우산", "Usan"),
    ("원당", "Wondang"),
    ("은행", "Eunhaeng"),
    ("인화", "Inhwa"),
    ("장미", "Jangmi"),
    ("장전", "Jangjeon"),
    ("정동", "Jeongdong"),
    ("주공", "Jugong"),
    ("창신", "Changsin"),
    ("청룡", "Cheongnyong"),
    ("탑골", "Tapgol"),
    ("태평", "Taepyeong"),
    ("팔봉", "Palbong"),
    ("평화", "Pyeonghwa"),
    ("학산", "Haksan"),
    ("한솔", "Hansol"),
    ("행복", "Haengbok"),
    ("호계", "Hogye"),
    ("화정", "Hwajeong"),
    ("흥인", "Heungin"),
];

/// What clinics and hospitals call themselves.
pub(super) const BRANDS: &[Word] = &[
    ("연세", "Yonsei"),
    ("서울", "Seoul"),
    ("우리", "Uri"),
    ("한마음", "Hanmaeum"),
    ("밝은", "Balgeun"),
    ("튼튼", "Teunteun"),
    ("미소", "Miso"),
    ("사랑", "Sarang"),
    ("푸른", "Pureun"),
    ("편한", "Pyeonhan"),
    ("가족", "Gajok"),
    ("온누리", "Onnuri"),
    ("새봄", "Saebom"),
    ("햇살", "Haessal"),
    ("나눔", "Nanum"),
    ("다나", "Dana"),
    ("맑은", "Malgeun"),
    ("바른", "Bareun"),
    ("세종", "Sejong"),
    ("아름", "Areum"),
    ("예담", "Yedam"),
    ("참좋은", "Chamjoeun"),
    ("큰나무", "Keunnamu"),
    ("하나", "Hana"),
    ("현대", "Hyundai"),
    ("희망", "Huimang"),
    ("늘봄", "Neulbom"),
    ("소망", "Somang"),
    ("은혜", "Eunhye"),
    ("성심", "Seongsim"),
];

/// Kinds of clinic that vaccinate.
pub(super) const SPECIALTIES: &[Word] = &[
    ("내과의원", "Internal Medicine Clinic"),
    ("의원", "Clinic"),
    ("가정의학과의원", "Family Medicine Clinic"),
    ("소아청소년과의원", "Children's Clinic"),
    ("이비인후과의원", "Ear, Nose and Throat Clinic"),
    ("정형외과의원", "Orthopaedic Clinic"),
];

/// Kinds of hospital.
pub(super) const HOSPITALS: &[Word] =
    &[("병원", "Hospital"), ("종합병원", "General Hospital"), ("의료원", "Medical Centre")];

/// Halls in which vaccination centres are set up.
pub(super) const HALLS: &[Word] = &[
    ("국민체육센터", "National Sports Centre"),
    ("실내체육관", "Indoor Gymnasium"),
    ("문화체육센터", "Culture and Sports Centre"),
    ("다목적체육관", "Multi-purpose Gymnasium"),
    ("종합운동장 체육관", "Stadium Gymnasium"),
    ("청소년수련관", "Youth Centre"),
    ("평생학습관", "Lifelong Learning Centre"),
];

/// Roads that many towns have.
pub(super) const ROADS: &[Word] = &[
    ("중앙로", "Jungang-ro"),
    ("시청로", "Sicheong-ro"),
    ("역전로", "Yeokjeon-ro"),
    ("문화로", "Munhwa-ro"),
    ("평화로", "Pyeonghwa-ro"),
    ("충효로", "Chunghyo-ro"),
    ("번영로", "Beonyeong-ro"),
    ("새싹로", "Saessak-ro"),
    ("은행나무로", "Eunhaengnamu-ro"),
    ("벚꽃로", "Beotkkot-ro"),
    ("강변로", "Gangbyeon-ro"),
    ("공원로", "Gongwon-ro"),
    ("학교로", "Hakgyo-ro"),
    ("대학로", "Daehak-ro"),
    ("시장로", "Sijang-ro"),
    ("산업로", "Saneop-ro"),
    ("신흥로", "Sinheung-ro"),
    ("송정로", "Songjeong-ro"),
    ("동부로", "Dongbu-ro"),
    ("서부로", "Seobu-ro"),
    ("남부로", "Nambu-ro"),
    ("북부로", "Bukbu-ro"),
    ("한빛대로", "Hanbit-daero"),
    ("무지개로", "Mujigae-ro"),
];

/// Family names, repeated roughly as often as people bear them.
pub(super) const FAMILY_NAMES: &[Word] = &[
    ("김", "Kim"),
    ("김", "Kim"),
    ("김", "Kim"),
    ("김", "Kim"),
    ("이", "Lee"),
    ("이", "Lee"),
    ("이", "Lee"),
    ("박", "Park"),
    ("박", "Park"),
    ("최", "Choi"),
    ("정", "Jung"),
    ("강", "Kang"),
    ("조", "Cho"),
    ("윤", "Yoon"),
    ("장", "Jang"),
    ("임", "Lim"),
    ("한", "Han"),
    ("오", "Oh"),
    ("서", "Seo"),
    ("신", "Shin"),
    ("권", "Kwon"),
    ("황", "Hwang"),
    ("안", "Ahn"),
    ("송", "Song"),
    ("남궁", "Namgung"),
];

/// Given names of people born before 1960.
pub(super) const ELDERS: &[Word] = &[
    ("영자", "Youngja"),
    ("순자", "Soonja"),
    ("정숙", "Jungsook"),
    ("영숙", "Youngsook"),
    ("춘자", "Chunja"),
    ("말순", "Malsoon"),
    ("옥순", "Oksoon"),
    ("복희", "Bokhee"),
    ("명자", "Myungja"),
    ("정자", "Jungja"),
    ("영수", "Youngsoo"),
    ("영호", "Youngho"),
    ("광수", "Kwangsoo"),
    ("병철", "Byungchul"),
    ("종수", "Jongsoo"),
    ("상철", "Sangchul"),
    ("덕수", "Deoksoo"),
    ("만식", "Mansik"),
    ("용", "Yong"),
    ("기영", "Kiyoung"),
];

/// Given names of people born from 1960 to 1989.
pub(super) const ADULTS: &[Word] = &[
    ("은주", "Eunju"),
    ("미경", "Mikyung"),
    ("지영", "Jiyoung"),
    ("혜진", "Hyejin"),
    ("은영", "Eunyoung"),
    ("수진", "Soojin"),
    ("미영", "Miyoung"),
    ("현정", "Hyunjung"),
    ("선영", "Sunyoung"),
    ("경희", "Kyunghee"),
    ("지훈", "Jihoon"),
    ("성호", "Sungho"),
    ("동현", "Donghyun"),
    ("상훈", "Sanghoon"),
    ("정훈", "Junghoon"),
    ("성민", "Sungmin"),
    ("진우", "Jinwoo"),
    ("재현", "Jaehyun"),
    ("준", "Jun"),
    ("태영", "Taeyoung"),
];

/// Given names of people born from 1990.
pub(super) const YOUNG: &[Word] = &[
    ("서연", "Seoyeon"),
    ("지우", "Jiwoo"),
    ("민서", "Minseo"),
    ("하은", "Haeun"),
    ("서윤", "Seoyoon"),
    ("수빈", "Subin"),
    ("예린", "Yerin"),
    ("지민", "Jimin"),
    ("아름", "Areum"),
    ("다은", "Daeun"),
    ("민준", "Minjun"),
    ("서준", "Seojun"),
    ("도윤", "Doyoon"),
    ("예준", "Yejun"),
    ("시우", "Siwoo"),
    ("현우", "Hyunwoo"),
    ("지호", "Jiho"),
    ("준서", "Junseo"),
    ("건", "Geon"),
    ("하늘", "Haneul"),
];
