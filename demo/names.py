"""Invented names. They sound Vietnamese and name nothing that exists; what is a name of a body says "(giả lập)"."""

import numpy as np

SYNTHETIC = "(giả lập)"
# Streets are named after people and places everywhere, so none is called like one of these things.
_THINGS = (
    "Trăng", "Sao", "Mây", "Gió", "Sương", "Nắng", "Mưa", "Sóng", "Lá", "Cỏ", "Rêu", "Sỏi", "Khói", "Ráng", "Nhành",
    "Cánh", "Vườn", "Bóng", "Giọt", "Nụ", "Búp", "Chồi", "Mầm", "Rặng", "Khóm", "Đóa", "Chùm", "Lụa", "Thuyền", "Diều",
    "Bướm", "Đom Đóm", "Sáo", "Hương", "Suối", "Ngọn", "Chim", "Én", "Cò", "Ong", "Đá Cuội", "Lời Ru", "Nón Lá", "Bến",
    "Phù Sa", "Cầu Vồng", "Trầu", "Đèn", "Mành", "Chuông", "Bờ Tre", "Đụn Rơm", "Ngói", "Ánh", "Nhịp", "Khúc", "Dòng",
    "Triền", "Sân", "Mái", "Cội", "Luống", "Thảm", "Vạt",
)  # fmt: skip
_QUALITIES = (
    "Biếc", "Tím", "Hiền", "Khuya", "Sớm", "Xanh", "Lam", "Ngà", "Bạc", "Thơm", "Êm", "Nhẹ", "Trong", "Ngọt", "Mát",
    "Dịu", "Nghiêng", "Mơ", "Chờ", "Đưa", "Non", "Ấm", "Lành", "Mềm", "Nâu", "Thắm", "Lặng", "Ngời", "Xa", "Tròn",
    "Mỏng", "Bay", "Ru", "Nhớ", "Vui", "Chiều", "Múa", "Lượn", "Tơ", "Nếp", "Bồng", "Óng", "Ngân", "Thưa", "Đầy",
)  # fmt: skip
PROVINCE = f"Tỉnh Thử Nghiệm {SYNTHETIC}"
EAST, WEST = f"Phường Thử Nghiệm Đông {SYNTHETIC}", f"Phường Thử Nghiệm Tây {SYNTHETIC}"
MERGED = f"Xã Thử Nghiệm Cũ {SYNTHETIC}"
RIVER = "Sông Lụa Ngà"
RAILWAY = f"Đường sắt Thử Nghiệm {SYNTHETIC}"
ORGANISATIONS = {
    "demo-city": f"Ban hạ tầng Thử Nghiệm {SYNTHETIC}",
    "demo-water": f"Cấp nước Thử Nghiệm {SYNTHETIC}",
    "demo-power": f"Điện lực Thử Nghiệm {SYNTHETIC}",
    "demo-telecom": f"Viễn thông Thử Nghiệm {SYNTHETIC}",
    "demo-gas": f"Khí đốt Thử Nghiệm {SYNTHETIC}",
}


def invented(count: int, random: np.random.Generator) -> np.ndarray:
    """`count` different names: Trăng Non, Gió Hiền, …; once all pairs are used, three words: Bến Trăng Non, …"""
    things, qualities = np.array(_THINGS, dtype=object), np.array(_QUALITIES, dtype=object)
    pairs = random.permutation((things[:, None] + " " + qualities[None]).ravel())
    if count <= len(pairs):
        return pairs[:count]
    # A thing in front of a pair that does not begin with it; every stride of the two lists meets a new couple.
    more = np.arange(count - len(pairs))
    turn, place = np.divmod(more, len(pairs))
    front = things[(place + turn + 1) % len(things)]
    same = np.char.startswith(pairs[place].astype(str), front.astype(str))
    names = np.where(same, "Cát", front) + " " + pairs[place]
    return np.concatenate([pairs, names])
