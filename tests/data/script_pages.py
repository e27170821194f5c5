"""Pages in scripts that the shipped recogniser does not know, drawn as pictures."""
from PIL import Image, ImageDraw, ImageFont

from pdf_writer import A4, FONTS

_SERIF = (FONTS["serif"][1], 0)
_CJK = ("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc", 1)  # the second face: Korean

RUSSIAN = [
    "Маяк на северном мысу",
    "Маяк на северном мысу построили за восемнадцать месяцев, хотя первый план отводил на это четыре года. Его "
    "основание лежит на граните, который вода открывает на два часа в день, поэтому каменщики работали по луне, а не "
    "по солнцу.",
    "Зимой лампа сжигала триста литров масла в месяц. Смотрители носили его наверх по ста девяноста двум ступеням в "
    "медных бидонах, и в книгах записан каждый бидон, каждое разбитое стекло и каждый приезд инспектора, который "
    "никогда не предупреждал о себе и ни разу не остался обедать.",
    "Когда огонь стал автоматическим, последнего смотрителя спросили, чего ему будет не хватать. Он ответил, что не "
    "штормов, о которых спрашивают все, а тумана: дней полной тишины, когда мир кончался у перил галереи.",
]
GREEK = [
    "Ο φάρος στο βόρειο ακρωτήρι",
    "Ο φάρος στο βόρειο ακρωτήρι χτίστηκε μέσα σε δεκαοκτώ μήνες, αν και το πρώτο σχέδιο προέβλεπε τέσσερα χρόνια. Τα "
    "θεμέλιά του πατούν σε γρανίτη που η παλίρροια αφήνει στεγνό δύο ώρες την ημέρα, και γι' αυτό οι χτίστες "
    "ακολουθούσαν το φεγγάρι και όχι τον ήλιο.",
    "Τον χειμώνα η λάμπα έκαιγε τριακόσια λίτρα λάδι τον μήνα. Οι φύλακες το ανέβαζαν από εκατόν ενενήντα δύο "
    "σκαλοπάτια σε χάλκινα δοχεία, και στα βιβλία είναι γραμμένο κάθε δοχείο, κάθε σπασμένο γυαλί και κάθε επίσκεψη "
    "του επιθεωρητή, που ερχόταν χωρίς να ειδοποιήσει.",
    "Όταν το φως έγινε αυτόματο, ρώτησαν τον τελευταίο φύλακα τι θα του λείψει. Απάντησε πως όχι οι καταιγίδες, για "
    "τις οποίες ρωτούν όλοι, αλλά η ομίχλη: μέρες απόλυτης ησυχίας.",
]
HEBREW = [
    "המגדלור שבכף הצפוני",
    "המגדלור שבכף הצפוני נבנה בתוך שמונה עשר חודשים, אף שהתוכנית הראשונה הקצתה לכך ארבע שנים. יסודותיו מונחים על סלע "
    "שהים חושף במשך שעתיים ביום, ולכן עבדו הבנאים לפי הירח ולא לפי השמש.",
    "בחורף שרפה המנורה שלוש מאות ליטר שמן בחודש. השומרים נשאו אותו למעלה בכדי נחושת, ובספרים רשומים כל כד, כל זכוכית "
    "שנשברה וכל ביקור של המפקח, שבא תמיד בלי להודיע ומעולם לא נשאר לסעוד.",
    "כאשר הפך האור לאוטומטי שאלו את השומר האחרון למה יתגעגע. הוא השיב כי לא לסערות, שעליהן שואלים כולם, אלא לערפל: "
    "ימים של שקט גמור.",
]
KOREAN = [
    "북쪽 곶의 등대",
    "북쪽 곶의 등대는 열여덟 달 만에 세워졌다. 처음 계획은 네 해를 잡고 있었다. 기초는 하루에 두 시간만 물 밖으로 드러나는 화강암 위에 "
    "놓여 있어서 석공들은 해가 아니라 달을 따라 일했다.",
    "겨울이면 등불은 한 달에 기름 삼백 리터를 태웠다. 등대지기들은 구리 통에 담아 계단을 올랐고, 장부에는 통 하나하나와 깨진 유리와 검사관의 "
    "방문이 모두 적혀 있다.",
    "불이 자동으로 바뀌었을 때 사람들은 마지막 등대지기에게 무엇이 그리울지 물었다. 그는 모두가 묻는 폭풍이 아니라 안개라고 대답했다.",
]

# name: (font, runs from right to left, paragraphs)
SCRIPTS = {
    "russian": (_SERIF, False, RUSSIAN),
    "greek": (_SERIF, False, GREEK),
    "hebrew": (_SERIF, True, HEBREW),
    "korean": (_CJK, False, KOREAN),
}


def _wrapped(text, font, width):
    lines, line = [], ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if font.getlength(longer) <= width:
            line = longer
        else:
            lines.append(line)
            line = word
    return lines + [line]


def draw_page(paragraphs, font, right_to_left, dpi=200):
    """Black on white; the first paragraph is a title."""
    scale = dpi / 72
    width, height = int(A4[0] * scale), int(A4[1] * scale)
    image = Image.new("L", (width, height), 250)
    draw = ImageDraw.Draw(image)
    margin, y = 72 * scale, 80 * scale
    for number, text in enumerate(paragraphs):
        size = 18 if number == 0 else 11
        face = ImageFont.truetype(font[0], round(size * scale), index=font[1], layout_engine=ImageFont.Layout.BASIC)
        for line in _wrapped(text, face, width - 2 * margin):
            # Drawn in the order in which it is seen.
            shown = line[::-1] if right_to_left else line
            x = width - margin - face.getlength(shown) if right_to_left else margin
            draw.text((x, y), shown, fill=30, font=face)
            y += size * 1.4 * scale
        y += size * 0.8 * scale
    return image
