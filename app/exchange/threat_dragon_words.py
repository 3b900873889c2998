"""Threat Dragon's words: shapes, statuses, severities, and threat types in the languages it speaks.

Threat Dragon saves a threat's type as its user interface shows it, so a file from a German user says
`Veröffentlichung von Informationen`. Its LINDDUN and PLOT4ai names are those from before the
frameworks renamed some of them. Everything is compared folded: case, accents, spaces and
punctuation aside.
"""

import re
import unicodedata
from typing import Final

from app.domain import vocabulary as v

BOX, CURVE = "box", "curve"
SHAPES: Final[dict[str, tuple[str, str]]] = {
    "process": (v.PROCESS, ""),
    "store": (v.DATASTORE, ""),
    "datastore": (v.DATASTORE, ""),
    "actor": (v.EXTERNAL_ENTITY, ""),
    "flow": (v.DATA_FLOW, ""),
    "text": (v.TEXT, ""),
    "textblock": (v.TEXT, ""),
    "boundary": (v.TRUST_BOUNDARY, CURVE),
    "boundarybox": (v.TRUST_BOUNDARY, BOX),
    "boundarycurve": (v.TRUST_BOUNDARY, CURVE),
    "trustboundary": (v.TRUST_BOUNDARY, CURVE),
    "trustboundarybox": (v.TRUST_BOUNDARY, BOX),
    "trustboundarycurve": (v.TRUST_BOUNDARY, CURVE),
    "trustbroundarybox": (v.TRUST_BOUNDARY, BOX),
    "trustbroundarycurve": (v.TRUST_BOUNDARY, CURVE),
}
STATUSES: Final[dict[str, str]] = {
    "open": "Open",
    "mitigated": "Mitigated",
    "notapplicable": "Not applicable",
    "na": "Not applicable",
    "accepted": "Accepted",
    "transferred": "Transferred",
    "avoided": "Avoided",
    "eliminated": "Eliminated",
}
SEVERITIES: Final[dict[str, str]] = {
    "critical": "Critical",
    "high": "High",
    "medium": "Medium",
    "low": "Low",
    "tbd": "Unknown",
    "tba": "Unknown",
}
TD_STATUS: Final = {"Not applicable": "NotApplicable", "Active": "Open", "": "Open"}
TD_SEVERITY: Final = {"Unknown": "TBD", "Informational": "Low", "": "TBD"}
TD_TYPES: Final[dict[str, dict[str, str]]] = {
    "LINDDUN": {
        "Linking": "Linkability",
        "Identifying": "Identifiability",
        "Detecting": "Detectability",
        "Data disclosure": "Disclosure of information",
        "Unawareness and unintervenability": "Unawareness",
    },
    "PLOT4ai": {
        "Technique & processes": "Technique & Processes",
        "Identifiability & linkability": "Identifiability & Linkability",
        "Ethics & human rights": "Ethics & Human Rights",
    },
}


def folded(text: str) -> str:
    """What is compared of a word: letters and digits of any script, in lower case, without accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(c for c in parts if not 0x300 <= ord(c) <= 0x36F)
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", kept))


def shape_of(name: object) -> tuple[str, str] | None:
    """Type of cell and form of boundary for a shape's or type's name, None when it is not known."""
    if not isinstance(name, str):
        return None
    bare = re.sub(r"^(tm\.|td-)", "", name.strip().lower())
    return SHAPES.get(folded(bare))


_STRIDE: Final = {
    "Spoofing": (
        "spoofing identity", "identitätsverschleierung", "vortäuschung", "identitätsdiebstahl",
        "täuschung", "suplantación", "suplantación de identidad", "falsificación de identidad",
        "usurpation", "usurpation d'identité", "falsificação", "falsificação de identidade",
        "personificação", "contraffazione", "falsificazione", "欺骗", "身份欺骗", "仿冒", "假冒",
        "假冒身份", "なりすまし", "спуфинг", "подмена", "подмена личности", "спуфінг", "підміна",
        "πλαστογράφηση", "πλαστοπροσωπία", "انتحال", "انتحال الشخصية", "التزييف", "väärentäminen",
        "identiteetin väärentäminen", "huijaaminen", "pemalsuan", "pemalsuan identitas",
        "penyamaran", "penipuan", "स्पूफिंग", "छद्मरूपण", "παραπλάνηση",
    ),
    "Tampering": (
        "tampering with data", "manipulation", "verfälschung", "manipulación", "alteración",
        "altération", "falsification de données", "adulteração", "violação", "manipulação",
        "manomissione", "alterazione", "篡改", "数据篡改", "改ざん", "改竄", "вмешательство",
        "подделка", "фальсификация", "модификация", "изменение", "втручання", "підробка",
        "модифікація", "παραποίηση", "αλλοίωση", "العبث", "التلاعب", "peukalointi",
        "muokkaaminen", "gangguan", "perusakan", "pengubahan", "pengusikan", "छेड़छाड़",
        "falsification", "penyelewengan",
    ),
    "Repudiation": (
        "abstreitbarkeit", "nichtanerkennung", "ablehnung", "leugnung", "repudio", "répudiation",
        "repúdio", "ripudio", "抵赖", "否认", "否認", "отказ от авторства", "отказ", "отрицание",
        "відмова", "відмова від авторства", "заперечення", "αποποίηση", "αποποίηση ευθύνης",
        "الإنكار", "التنصل", "الانكار", "kiistäminen", "kiistettävyys", "penyangkalan",
        "penolakan", "खंडन", "अस्वीकरण", "अस्वीकार", "repudiación", "अस्वीकृति", "penafian",
        "رفض",
    ),
    "Information disclosure": (
        "veröffentlichung von informationen", "offenlegung von informationen",
        "informationsenthüllung", "preisgabe von informationen", "divulgación de información",
        "revelación de información", "divulgation d'informations", "divulgation d'information",
        "divulgation de l'information", "divulgação de informações", "divulgação de informação",
        "divulgazione di informazioni", "信息泄露", "信息披露", "資訊揭露", "情報漏えい",
        "情報漏洩", "情報の漏洩", "情報開示", "раскрытие информации", "розкриття інформації",
        "αποκάλυψη πληροφοριών", "διαρροή πληροφοριών", "الإفصاح عن المعلومات",
        "الكشف عن المعلومات", "إفشاء المعلومات", "tietojen paljastuminen",
        "tietojen paljastaminen", "tiedon paljastuminen", "tietovuoto", "pengungkapan informasi",
        "pendedahan maklumat", "सूचना प्रकटीकरण", "जानकारी का खुलासा", "सूचना का खुलासा",
        "brecha de información", "सूचना का प्रकटीकरण", "كشف المعلومات",
    ),
    "Denial of service": (
        "verweigerung des dienstes", "dienstverweigerung", "diensteverweigerung",
        "denegación de servicio", "denegación del servicio", "déni de service",
        "negação de serviço", "negazione del servizio", "diniego di servizio", "拒绝服务",
        "阻斷服務", "サービス拒否", "サービス妨害", "отказ в обслуживании",
        "відмова в обслуговуванні", "άρνηση υπηρεσίας", "άρνηση παροχής υπηρεσίας",
        "άρνηση εξυπηρέτησης", "حجب الخدمة", "الحرمان من الخدمة", "رفض الخدمة", "palvelunesto",
        "palvelun estäminen", "penolakan layanan", "penafian perkhidmatan", "सेवा से इनकार",
        "सेवा की अस्वीकृति", "सेवा अस्वीकार", "άρνηση εκτέλεσης υπηρεσίας", "إنكار الخدمة",
    ),
    "Elevation of privilege": (
        "elevation of privileges", "privilege escalation", "rechteausweitung",
        "rechteerweiterung", "erhöhung der rechte", "erhöhung der berechtigungen",
        "ausweitung von rechten", "elevación de privilegios", "elevación de privilegio",
        "escalada de privilegios", "élévation de privilèges", "élévation de privilège",
        "élévation des privilèges", "elevação de privilégios", "elevação de privilégio",
        "escalonamento de privilégios", "elevazione dei privilegi", "elevazione di privilegi",
        "权限提升", "特权提升", "提权", "權限提升", "権限昇格", "特権の昇格", "権限の昇格",
        "特権昇格", "повышение привилегий", "эскалация привилегий", "підвищення привілеїв",
        "підвищення повноважень", "κλιμάκωση δικαιωμάτων", "αύξηση προνομίων",
        "κλιμάκωση προνομίων", "رفع الامتيازات", "تصعيد الامتيازات", "رفع الصلاحيات",
        "oikeuksien laajentaminen", "oikeuksien korottaminen", "käyttöoikeuksien laajentaminen",
        "peningkatan hak akses", "peningkatan hak istimewa", "peningkatan keistimewaan",
        "विशेषाधिकार का उन्नयन", "विशेषाधिकार उन्नयन", "विशेषाधिकार वृद्धि",
        "elevation of priviledge", "erhöhung von rechten", "αναβάθμιση προνομίων", "kenaikan hak",
        "تسلق الامتياز",
    ),
}  # fmt: skip
_LINDDUN: Final = {
    "Linking": (
        "linkability", "verknüpfbarkeit", "vinculabilidad", "liabilité", "corrélation",
        "vinculabilidade", "collegabilità", "可链接性", "可关联性", "リンク可能性",
        "связываемость", "зв'язуваність", "συνδεσιμότητα", "قابلية الربط", "yhdistettävyys",
        "keterkaitan", "kebolehpautan", "लिंकेबिलिटी", "capacité de liaison", "ligabilidade",
        "associabilidade", "facilidad de vinculación", "लिंक करने की क्षमता", "pautan",
        "القابلية للربط",
    ),
    "Identifying": (
        "identifiability", "identifizierbarkeit", "identificabilidad", "identifiabilité",
        "identificabilidade", "identificabilità", "可识别性", "識別可能性", "特定可能性",
        "идентифицируемость", "ідентифікованість", "αναγνωρισιμότητα", "ταυτοποιησιμότητα",
        "قابلية التعرف", "قابلية تحديد الهوية", "tunnistettavuus", "keteridentifikasian",
        "kebolehkenalpastian", "पहचान योग्यता", "पहचान", "pengenalpastian", "التعرف",
    ),
    "Non-repudiation": (
        "nichtabstreitbarkeit", "nicht-abstreitbarkeit", "no repudio", "non-répudiation",
        "não repúdio", "non ripudio", "不可否认性", "不可抵赖性", "不可抵赖", "否認防止",
        "неотказуемость", "невідмовність", "неможливість відмови", "невозможность отказа",
        "μη αποποίηση", "عدم الإنكار", "kiistämättömyys", "non-penyangkalan", "nirsangkal",
        "tanpa penyangkalan", "tidak boleh disangkal", "गैर-खंडन", "no repudiación", "अप्रतिबंध",
        "tidak boleh menafikan",
    ),
    "Detecting": (
        "detectability", "erkennbarkeit", "entdeckbarkeit", "detectabilidad", "détectabilité",
        "detectabilidade", "rilevabilità", "可检测性", "可探测性", "検出可能性", "検知可能性",
        "обнаруживаемость", "виявлюваність", "ανιχνευσιμότητα", "قابلية الكشف", "قابلية الاكتشاف",
        "havaittavuus", "keterdeteksian", "kebolehkesanan", "पता लगाने योग्यता", "detetabilidade",
        "डिटेक्टेबिलिटी", "ketahuan", "الكشف",
    ),
    "Data disclosure": (
        "disclosure of information", "information disclosure", "data disclosure",
        *_STRIDE["Information disclosure"],
    ),
    "Unawareness and unintervenability": (
        "unawareness", "unwissenheit", "unkenntnis", "desconocimiento", "falta de conciencia",
        "méconnaissance", "ignorance", "inconscience", "desconhecimento", "falta de consciência",
        "inconsapevolezza", "无意识", "不知情", "無自覚", "неосведомленность",
        "неосведомлённость", "необізнаність", "άγνοια", "έλλειψη επίγνωσης", "عدم الوعي",
        "عدم الإدراك", "tietämättömyys", "ketidaksadaran", "ketidaktahuan", "अनभिज्ञता",
        "अनजानता", "desconhecido", "अनजानी", "tanpa sedar",
    ),
    "Non-compliance": (
        "noncompliance", "policy and consent noncompliance", "nichteinhaltung",
        "nichtkonformität", "incumplimiento", "no conformidad", "non-conformité",
        "não conformidade", "não-conformidade", "non conformità", "不合规", "违规", "不遵守",
        "コンプライアンス違反", "非準拠", "несоответствие", "несоблюдение", "невідповідність",
        "недотримання", "μη συμμόρφωση", "عدم الامتثال", "vaatimustenvastaisuus",
        "noudattamatta jättäminen", "ketidakpatuhan", "गैर-अनुपालन", "अनुपालन न करना",
        "pelanggaran", "tidak mematuhi", "不合格",
    ),
}  # fmt: skip
_CIA: Final = {
    "Confidentiality": (
        "vertraulichkeit", "confidencialidad", "confidentialité", "confidencialidade",
        "riservatezza", "confidenzialità", "保密性", "机密性", "機密性", "конфиденциальность",
        "конфіденційність", "εμπιστευτικότητα", "السرية", "luottamuksellisuus", "kerahasiaan",
        "kerahsiaan", "गोपनीयता",
    ),
    "Integrity": (
        "integrität", "integridad", "intégrité", "integridade", "integrità", "完整性", "完全性",
        "整合性", "целостность", "цілісність", "ακεραιότητα", "النزاهة", "السلامة",
        "سلامة البيانات", "eheys", "integritas", "integriti", "अखंडता", "सत्यनिष्ठा", "ईमानदारी",
    ),
    "Availability": (
        "verfügbarkeit", "disponibilidad", "disponibilité", "disponibilidade", "disponibilità",
        "可用性", "доступность", "доступність", "διαθεσιμότητα", "التوفر", "الإتاحة", "التوافر",
        "saatavuus", "käytettävyys", "ketersediaan", "kebolehsediaan", "उपलब्धता",
    ),
}  # fmt: skip
_DIE: Final = {
    "Distributed": (
        "verteilt", "distribuido", "distribué", "distribuído", "distribuito", "分布式", "分散",
        "分散型", "распределенный", "распределённый", "розподілений", "κατανεμημένο", "موزع",
        "hajautettu", "terdistribusi", "teragih", "वितरित",
    ),
    "Immutable": (
        "unveränderlich", "inmutable", "immuable", "imutável", "immutabile", "不可变", "不変",
        "неизменяемый", "неизменный", "незмінний", "αμετάβλητο", "غير قابل للتغيير", "ثابت",
        "muuttumaton", "tidak dapat diubah", "tidak boleh ubah", "अपरिवर्तनीय",
    ),
    "Ephemeral": (
        "vergänglich", "kurzlebig", "flüchtig", "efímero", "éphémère", "efêmero", "effimero",
        "短暂", "短暂的", "一時的", "エフェメラル", "эфемерный", "ефемерний", "εφήμερο", "مؤقت",
        "سريع الزوال", "lyhytaikainen", "fana", "sementara", "क्षणिक", "अल्पकालिक",
    ),
}  # fmt: skip
_PLOT4AI: Final = {
    "Technique & processes": (
        "technique and processes", "techniques & processes", "técnica e processos", "technik & prozesse",
        "technique et processus", "técnica y procesos", "teknik & proses", "技术 & 过程",
        "τεχνική & διαδικασίες", "तकनीक और प्रक्रियाएँ", "تقنية وعمليات",
    ),
    "Accessibility": (
        "acessibilidade", "accesibilidad", "accessibilité", "barrierefreiheit", "aksesibilitas",
        "aksesibiliti", "可访问性", "προσβασιμότητα", "सुलभता",
    ),
    "Identifiability & linkability": (
        "identifiability and linkability", "identificabilidade e ligabilidade",
        "identificabilidade e associabilidade", "可识别性 & 可链接性", "pengenalpastian & pautan",
        "αναγνωρισιμότητα & συνδεσιμότητα", "पहचान योग्यता और संबंधनीयता", "التعرف والربط",
    ),
    "Security": ("segurança", "seguridad", "sécurité", "sicherheit", "keamanan", "信息安全", "الأمان"),
    "Safety": ("seguro", "sûreté", "keselamatan", "系统安全"),
    "Ethics & human rights": (
        "ethics and human rights", "ethics", "ética e direitos humanos", "ethik & menschenrechte",
        "éthique et droits de l'homme", "ética y derechos humanos", "etika & hak asasi manusia",
        "伦理 & 人权", "ηθική και ανθρώπινα δικαιώματα", "नैतिकता और मानवाधिकार", "الأخلاق وحقوق الإنسان",
    ),
    "Non-compliance": _LINDDUN["Non-compliance"],
    "Unawareness": _LINDDUN["Unawareness and unintervenability"],
}  # fmt: skip
_ALIASES: Final = {
    "STRIDE": _STRIDE,
    "LINDDUN": _LINDDUN,
    "CIA": _CIA,
    "DIE": _DIE,
    "PLOT4ai": _PLOT4AI,
}
MIXED: Final[dict[str, tuple[str, ...]]] = {"CIADIE": ("CIA", "DIE")}


def _table(framework: str) -> dict[str, str]:
    """Folded name to the framework's own name; what is spelt as today comes first."""
    table = {folded(name): name for name in v.THREAT_TYPES[framework]}
    for name, aliases in _ALIASES[framework].items():
        for alias in aliases:
            table.setdefault(folded(alias), name)
    return table


_TABLES: Final = {framework: _table(framework) for framework in v.FRAMEWORKS}
_FRAMEWORKS: Final = {folded(name): name for name in v.FRAMEWORKS}


def framework_of(name: str) -> str:
    """A framework in the domain's spelling; other names as they are."""
    return _FRAMEWORKS.get(folded(name), name.strip())


def _readings(text: str) -> tuple[str, ...]:
    """The whole text, then its parts: some translations give the English name along with their own.

    `Tampering / Manipulación`, `Integrity - Integridad`, `Παραποίηση (Tampering)`, `Spoofing التزييف`.
    """
    parts = [part for part in re.split(r"[()/]|\s-\s", text) if part.strip()]
    latin = "".join(c for c in text if ord(c) < 0x250)
    return (text, *parts, *([latin] if latin != text else []))


def threat_type_of(text: str, framework: str) -> str:
    """The domain's name for a threat type of a framework, in whatever language; "" when not known.

    Frameworks that share a name are told apart by `framework`; without one, all are looked through.
    """
    first = MIXED.get(framework, (framework,))
    order = (*first, "STRIDE", "LINDDUN", "CIA", "DIE", "PLOT4ai")
    tables = [_TABLES[name] for name in order if name in _TABLES]
    found = (table.get(folded(part)) for part in _readings(text) for table in tables)
    return next((name for name in found if name), "")
