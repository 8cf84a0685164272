"""Invented names. They sound Vietnamese and name nothing that exists; what is a name of a body says "(giả lập)"."""

import numpy as np

SYNTHETIC = "(giả lập)"
# Two poetic words each: streets are named after people and places everywhere, so none is called like this.
STREET_WORDS = (
    "Trăng Non", "Sao Khuya", "Mây Tím", "Gió Hiền", "Hạt Sương", "Cầu Vồng", "Nắng Sớm", "Lá Biếc", "Mưa Rào",
    "Sóng Lụa", "Cánh Diều", "Bướm Vàng", "Đom Đóm", "Chuồn Ớt", "Sáo Trúc", "Hương Bưởi", "Vườn Mơ", "Đồi Sim",
    "Suối Ngà", "Ráng Chiều", "Bình Minh Xanh", "Khói Lam", "Lụa Đào", "Thuyền Giấy", "Đèn Lồng", "Mắt Biếc Xưa",
    "Quả Thị", "Trầu Cay", "Ngọn Cỏ", "Tiếng Ve", "Chim Khuyên", "Én Nhỏ", "Đàn Cò", "Ong Mật", "Nhành Liễu",
    "Rêu Phong", "Đá Cuội", "Bọt Sóng", "Hoa Gạo", "Lời Ru", "Nón Lá Nghiêng", "Bến Mơ", "Kẹo Kéo", "Phù Sa Hồng",
)  # fmt: skip
PROVINCE = f"Tỉnh Thử Nghiệm {SYNTHETIC}"
EAST, WEST = f"Phường Thử Nghiệm Đông {SYNTHETIC}", f"Phường Thử Nghiệm Tây {SYNTHETIC}"
MERGED = f"Xã Thử Nghiệm Cũ {SYNTHETIC}"
ORGANISATIONS = {
    "demo-city": f"Ban hạ tầng Thử Nghiệm {SYNTHETIC}",
    "demo-water": f"Cấp nước Thử Nghiệm {SYNTHETIC}",
    "demo-power": f"Điện lực Thử Nghiệm {SYNTHETIC}",
    "demo-telecom": f"Viễn thông Thử Nghiệm {SYNTHETIC}",
    "demo-gas": f"Khí đốt Thử Nghiệm {SYNTHETIC}",
}


def street_names(count: int, random: np.random.Generator) -> np.ndarray:
    """`count` different street names: Đường Trăng Non, …, Đường Trăng Non 2, …"""
    words = random.permutation(np.array(STREET_WORDS, dtype=object))
    turn, which = np.divmod(np.arange(count), len(words))
    numbers = np.array([f" {number + 1}" if number else "" for number in range(turn.max(initial=0) + 1)], dtype=object)
    return "Đường " + words[which] + numbers[turn]
