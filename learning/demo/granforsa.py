"""Granforsa kommun: invented from beginning to end. No name, unit or figure here belongs to a real place."""

OPENED = "2022-01-01"

# Department → its HR code and its units: code, name, number of people, roles (the first is the head's).
DEPARTMENTS = {
    "Kommunledningsförvaltningen": [
        ("KS10", "Kansli och juridik", 14, ["Kanslichef", "Handläggare", "Registrator", "Jurist"]),
        ("KS20", "Ekonomi", 15, ["Ekonomichef", "Ekonom", "Controller"]),
        ("KS30", "Personal", 14, ["Personalchef", "HR-specialist", "Löneadministratör"]),
        ("KS40", "Kommunikation", 9, ["Kommunikationschef", "Kommunikatör"]),
        ("KS50", "Digitalisering och IT", 19, ["IT-chef", "Systemförvaltare", "IT-tekniker"]),
        ("KS60", "Säkerhet och beredskap", 7, ["Säkerhetschef", "Säkerhetssamordnare", "Beredskapssamordnare"]),
        ("KS70", "Medborgarservice", 13, ["Enhetschef", "Kommunvägledare"]),
    ],
    "Barn- och utbildningsförvaltningen": [
        ("BU11", "Björkens förskola", 19, ["Rektor", "Förskollärare", "Barnskötare"]),
        ("BU12", "Tallens förskola", 22, ["Rektor", "Förskollärare", "Barnskötare"]),
        ("BU13", "Lingonets förskola", 15, ["Rektor", "Förskollärare", "Barnskötare"]),
        ("BU14", "Sjöstjärnans förskola", 18, ["Rektor", "Förskollärare", "Barnskötare"]),
        ("BU15", "Smedjans förskola", 16, ["Rektor", "Förskollärare", "Barnskötare"]),
        ("BU21", "Forsskolan F–6", 38, ["Rektor", "Lärare", "Fritidspedagog", "Elevassistent"]),
        ("BU22", "Granbackaskolan F–6", 34, ["Rektor", "Lärare", "Fritidspedagog", "Elevassistent"]),
        ("BU23", "Åsens skola F–6", 26, ["Rektor", "Lärare", "Fritidspedagog", "Elevassistent"]),
        ("BU24", "Kvarnskolan F–6", 21, ["Rektor", "Lärare", "Fritidspedagog"]),
        ("BU31", "Centralskolan 7–9", 47, ["Rektor", "Lärare", "Elevassistent", "Studie- och yrkesvägledare"]),
        ("BU32", "Älvskolan 7–9", 33, ["Rektor", "Lärare", "Elevassistent"]),
        ("BU41", "Granforsa gymnasium", 58, ["Rektor", "Gymnasielärare", "Studie- och yrkesvägledare"]),
        ("BU51", "Vuxenutbildningen", 22, ["Rektor", "Lärare", "Studie- och yrkesvägledare"]),
        ("BU61", "Elevhälsan", 21, ["Enhetschef", "Skolsköterska", "Skolkurator", "Psykolog"]),
    ],
    "Socialförvaltningen": [
        ("SO11", "Mottagning och förhandsbedömning", 13, ["Enhetschef", "Socialsekreterare"]),
        ("SO12", "Barn och familj", 26, ["Enhetschef", "Socialsekreterare", "Familjebehandlare"]),
        ("SO13", "Vuxen och missbruk", 17, ["Enhetschef", "Socialsekreterare", "Behandlingsassistent"]),
        ("SO14", "Försörjningsstöd", 15, ["Enhetschef", "Socialsekreterare"]),
        ("SO15", "Öppenvården", 14, ["Enhetschef", "Familjebehandlare", "Ungdomsbehandlare"]),
        ("SO16", "Stödboende", 11, ["Enhetschef", "Boendestödjare"]),
        ("SO21", "Arbetsmarknadsenheten", 16, ["Enhetschef", "Arbetskonsulent", "Handledare"]),
        ("SO22", "LSS daglig verksamhet", 24, ["Enhetschef", "Stödassistent", "Arbetshandledare"]),
        ("SO23", "LSS-boende Norr", 22, ["Enhetschef", "Stödassistent", "Stödpedagog"]),
        ("SO24", "LSS-boende Söder", 24, ["Enhetschef", "Stödassistent", "Stödpedagog"]),
    ],
    "Vård- och omsorgsförvaltningen": [
        ("VO11", "Hemtjänst Norr", 42, ["Enhetschef", "Undersköterska", "Vårdbiträde"]),
        ("VO12", "Hemtjänst Söder", 40, ["Enhetschef", "Undersköterska", "Vårdbiträde"]),
        ("VO13", "Hemtjänst Centrum", 46, ["Enhetschef", "Undersköterska", "Vårdbiträde"]),
        ("VO14", "Nattpatrullen", 18, ["Enhetschef", "Undersköterska"]),
        ("VO21", "Forsgläntans äldreboende", 44, ["Enhetschef", "Undersköterska", "Vårdbiträde"]),
        ("VO22", "Lindgårdens äldreboende", 39, ["Enhetschef", "Undersköterska", "Vårdbiträde"]),
        ("VO23", "Solbackens äldreboende", 36, ["Enhetschef", "Undersköterska", "Vårdbiträde"]),
        ("VO31", "Hemsjukvården", 24, ["Enhetschef", "Sjuksköterska", "Undersköterska"]),
        ("VO32", "Rehabiliteringen", 15, ["Enhetschef", "Arbetsterapeut", "Fysioterapeut"]),
        ("VO33", "Biståndshandläggning", 12, ["Enhetschef", "Biståndshandläggare"]),
        ("VO34", "Bemanningsenheten", 31, ["Enhetschef", "Undersköterska", "Vårdbiträde"]),
    ],
    "Kultur- och fritidsförvaltningen": [
        ("KF11", "Biblioteken", 18, ["Bibliotekschef", "Bibliotekarie", "Biblioteksassistent"]),
        ("KF12", "Kulturskolan", 14, ["Enhetschef", "Musiklärare", "Danspedagog"]),
        ("KF13", "Fritidsgårdarna", 15, ["Enhetschef", "Fritidsledare"]),
        ("KF14", "Badhuset", 14, ["Enhetschef", "Badvakt", "Receptionist"]),
        ("KF15", "Idrott och anläggningar", 16, ["Enhetschef", "Anläggningsskötare", "Vaktmästare"]),
        ("KF16", "Konsthallen", 6, ["Enhetschef", "Konstpedagog"]),
        ("KF17", "Föreningsstöd", 5, ["Enhetschef", "Föreningskonsulent"]),
    ],
    "Samhällsbyggnadsförvaltningen": [
        ("SB11", "Fastighet", 24, ["Fastighetschef", "Fastighetsskötare", "Vaktmästare"]),
        ("SB12", "Gata och park", 22, ["Enhetschef", "Parkarbetare", "Maskinförare"]),
        ("SB13", "Vatten och avlopp", 17, ["Enhetschef", "Drifttekniker", "VA-ingenjör"]),
        ("SB14", "Renhållning", 15, ["Enhetschef", "Renhållare"]),
        ("SB15", "Plan och bygg", 13, ["Enhetschef", "Bygglovshandläggare", "Planarkitekt"]),
        ("SB16", "Miljö och hälsa", 11, ["Enhetschef", "Miljöinspektör"]),
        ("SB17", "Kosten", 32, ["Kostchef", "Kock", "Måltidsbiträde"]),
        ("SB18", "Städ", 29, ["Enhetschef", "Lokalvårdare"]),
        ("SB19", "Räddningstjänsten", 20, ["Räddningschef", "Brandman"]),
        ("SB20", "Mark och exploatering", 8, ["Enhetschef", "Exploateringsingenjör"]),
    ],
}
COUNCIL = ("Politisk organisation", [("PO10", "Kommunfullmäktige", 31), ("PO20", "Nämnder", 14)])

# 2024-01-01: the youth centres come to the schools, and the kitchens to care.
REORGANISED_ON = "2024-01-01"
MOVES = {
    "KF13": "Barn- och utbildningsförvaltningen",
    "SB17": "Vård- och omsorgsförvaltningen",
}

# One department has had no coordinator for a while; in another, the new one has not taken the course yet.
WITHOUT_COORDINATOR = "Kultur- och fritidsförvaltningen"
COORDINATOR_TO_TRAIN = "Samhällsbyggnadsförvaltningen"

# How the activities of the plan go: day, goal area and activity by their places, status, note.
FOLLOW_UPS = [
    ("2022-03-15", 0, 0, "under_way", "Samverkansgruppen har fått en ordning för sina möten."),
    ("2022-11-02", 1, 0, "under_way", "Pilot i två förvaltningar."),
    ("2023-09-05", 0, 3, "done", "Alla förvaltningar vet vart de vänder sig."),
    ("2024-02-13", 1, 1, "under_way", "Första omgången frågor till de förtroendevalda är klar."),
    ("2025-01-28", 2, 0, "done", "Lägesbilden lämnades till kommunstyrelsen och lokala BRÅ."),
    ("2025-05-20", 1, 3, "dropped", "Ersatt av länets gemensamma rutin."),
    ("2025-10-07", 2, 2, "not_begun", "Väntar på en ny kommunikatör."),
]

# What is seen in two years. Of each topic: title, text, change, and the slugs of its lessons or why none is needed; one
# lacks both.
_STICKERS = "Klistermärken och klotter på offentliga platser"
_ONLINE = "Unga i slutna grupper på nätet"
_COUNCIL = "Hat och hot mot förtroendevalda"
_SHARED = {"made_by": "Samverkansgruppen", "handed_over_to": "Kommunstyrelsen, kommunfullmäktige och lokala BRÅ"}
SITUATION_PICTURES = [
    {
        **_SHARED,
        "year": 2024,
        "title": "Lägesbild över våldsbejakande extremism 2024",
        "handed_over_on": "2025-01-28",
        "summary": "Lite har hänt i kommunen. Det som märks är spritt och kommer från flera miljöer.",
        "topics": [
            (
                _STICKERS,
                "Budskap från höger-, vänster- och islamistiska miljöer har setts vid skolor, busshållplatser och i "
                "centrum. Inget tyder på att någon miljö är organiserad här.",
                "",
                ["miljoerna", "krankning-hot-symbol"],
            ),
            (
                _ONLINE,
                "Skolor och fritidsgårdar berättar om ungdomar som rör sig i slutna grupper på nätet, där olika "
                "idéer blandas och våld skämtas om.",
                "",
                ["vagar-in", "spel-nat-och-fritidsgard", "unga-pa-natet"],
            ),
            (
                "Flygblad i brevlådor",
                "Flygblad från olika extremistmiljöer har delats ut vid några tillfällen.",
                "",
                ["miljoerna"],
            ),
        ],
    },
    {
        **_SHARED,
        "year": 2025,
        "title": "Lägesbild över våldsbejakande extremism 2025",
        "handed_over_on": "2026-02-03",
        "summary": "Mer händer på nätet och mindre på gator och torg. Ett nytt ämne är rykten om kommunens arbete.",
        "topics": [
            (
                _STICKERS,
                "Färre anmälda fall än förra året. Budskapen kommer som då från flera miljöer, och ingen av dem "
                "dominerar.",
                "less",
                ["miljoerna", "krankning-hot-symbol"],
            ),
            (
                _ONLINE,
                "Fler skolor berättar om det. Idéer från höger, vänster och religiös extremism blandas med "
                "kvinnohat och konspirationstankar. Barn är ofta både utsatta och delaktiga.",
                "more",
                ["vagar-in", "spel-nat-och-fritidsgard", "unga-pa-natet"],
            ),
            (
                _COUNCIL,
                "Några förtroendevalda har fått hatfulla meddelanden. De kommer från olika håll och följer frågor som "
                "debatteras just då.",
                "same",
                ["sa-paverkas-demokratin", "om-nagot-hander-dig-eller-en-kollega"],
            ),
            (
                "Rykten om kommunens arbete",
                "Påståenden om att kommunen döljer saker sprids i lokala grupper på nätet. De gör det svårare för "
                "medarbetare att bemöta oro, och lockar in i miljöer som lever på misstro.",
                "new",
                [],
            ),
            (
                "Rutiner för sekretess i samverkan",
                "Skola, socialtjänst och polis är osäkra på vad de får berätta för varandra.",
                "same",
                "Samverkansgruppen går själv igenom rutinen med var och en som berörs.",
            ),
        ],
    },
]

# Who can be signed in by one click: unit, role, name. The addresses are those of learning.access.demo.
VISITORS = {
    "medarbetare": ("VO11", "Undersköterska", "Robin", "Ek"),
    "chef": ("VO11", "Enhetschef", "Mika", "Lund"),
    "forvaltningschef": ("VO31", "Förvaltningschef", "Kim", "Strand"),
    "samordnare": ("KS60", "Säkerhetssamordnare", "Love", "Hedin"),
    "redaktor": ("SO15", "Ungdomsbehandlare", "Charlie", "Berg"),
    "kommunstyrelsen": ("PO10", "Ledamot", "Sam", "Holm"),
}

FIRST_NAMES = """
Alva Agnes Ali Amina Anders Andrea Anita Anna Annika Anton Arvid Astrid Axel Barbro Bengt Birgitta Bo Britt Camilla
Carina Carl Cecilia Christer Daniel David Ebba Elias Elin Elisabeth Elsa Emil Emma Erik Eva Fatima Filip Frida
Fredrik Gun Gunnar Gustav Hanna Hans Helena Henrik Ida Inger Ingrid Isak Jan Jenny Jesper Johan Johanna Jonas Josef
Julia Karin Karl Katarina Kerstin Klara Kristina Lars Leila Lena Leo Linda Linnea Lisa Lotta Lovisa Magnus Maja
Malin Marcus Margareta Maria Marie Martin Mats Mattias Mehdi Michael Mikael Mohammed Monica Nils Nina Nour Olivia
Olle Oskar Patrik Per Pernilla Peter Petra Pia Rebecka Rikard Robert Rolf Sara Sven Siv Sofia Stefan Stina
Susanne Tobias Tomas Tove Ulf Ulla Ulrika Viktor Viktoria Vera Wilma Yusuf Zahra Åke Åsa Örjan
""".split()
LAST_NAMES = """
Abrahamsson Ahlgren Ahmed Alm Andersson Arvidsson Axelsson Backlund Bengtsson Berglund Bergman Bergström Björk
Blom Blomqvist Boström Carlsson Claesson Dahl Dahlberg Danielsson Edlund Ekström Eliasson Engström Eriksson
Falk Forsberg Franzén Fransson Fredriksson Gustafsson Göransson Hagström Hallberg Hansson Hassan Hedlund Hedman
Hellström Hermansson Holmgren Håkansson Isaksson Jakobsson Jansson Johansson Jonasson Jonsson Karlsson
Kristensen Larsson Lindberg Lindgren Lindholm Lindqvist Lindström Ljungberg Löfgren Magnusson Martinsson
Mattsson Mohamed Moberg Månsson Nilsson Norberg Nordin Nordström Nyberg Nyström Olofsson Olsson Omar Palm
Persson Pettersson Pålsson Rosén Samuelsson Sandberg Sandström Sjöberg Sjögren Ström Sundberg Sundström
Svensson Söderberg Viklund Wallin Westerlund Wikström Åberg Åkesson Öberg Öhman
""".split()
