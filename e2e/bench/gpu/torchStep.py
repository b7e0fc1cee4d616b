"""The GPU bench's training steps in PyTorch, f32 and bf16: python3 torchStep.py [FILE.json]

Same shapes, AdamW, clipping at 1, everything or CogSym trained; random weights, so that only times and bytes compare.
"""
import json, statistics, sys, time
import torch
import torch.nn.functional as F

SMALL = dict(hidden=128, layers=8, heads=4, kv=2, inter=344, vocab=2000, batch=8, length=64)
MEDIUM = dict(hidden=1024, layers=12, heads=16, kv=16, inter=2816, vocab=32000, batch=4, length=512)
LARGE = dict(hidden=4096, layers=32, heads=32, kv=32, inter=11008, vocab=32000, batch=1, length=512)
STEPS = [
    ("small/full", SMALL, None),
    ("0.2B/full", MEDIUM, None),
    ("0.2B/cogsym-4", MEDIUM, 4),
    ("7B-shapes-4-layers/full", {**LARGE, "layers": 4}, None),
    ("7B/cogsym-8", LARGE, 8),
]
WARM_UP, TIMED = 2, 5


class Block(torch.nn.Module):
    def __init__(self, c):
        super().__init__()
        h, d = c["hidden"], c["hidden"] // c["heads"]
        linear = lambda i, o: torch.nn.Linear(i, o, bias=False)
        self.c, self.d = c, d
        self.n1, self.n2 = torch.nn.RMSNorm(h, 1e-5), torch.nn.RMSNorm(h, 1e-5)
        self.q, self.k, self.v = linear(h, c["heads"] * d), linear(h, c["kv"] * d), linear(h, c["kv"] * d)
        self.o = linear(c["heads"] * d, h)
        self.gate, self.up, self.down = linear(h, c["inter"]), linear(h, c["inter"]), linear(c["inter"], h)

    def forward(self, x, cos, sin):
        c, (b, t, _) = self.c, x.shape
        y = self.n1(x)
        split = lambda z, n: z.view(b, t, n, self.d).transpose(1, 2)
        q, k, v = split(self.q(y), c["heads"]), split(self.k(y), c["kv"]), split(self.v(y), c["kv"])
        turn = lambda z: z * cos + torch.cat((-z[..., self.d // 2 :], z[..., : self.d // 2]), -1) * sin
        q, k = turn(q), turn(k)
        groups = c["heads"] // c["kv"]
        k, v = k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1)
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.o(a.transpose(1, 2).reshape(b, t, -1))
        y = self.n2(x)
        return x + self.down(F.silu(self.gate(y)) * self.up(y))


class Decoder(torch.nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.embed = torch.nn.Embedding(c["vocab"], c["hidden"])
        self.blocks = torch.nn.ModuleList(Block(c) for _ in range(c["layers"]))
        self.norm = torch.nn.RMSNorm(c["hidden"], 1e-5)
        self.head = torch.nn.Linear(c["hidden"], c["vocab"], bias=False)

    def forward(self, ids, labels):
        x = self.embed(ids)
        d = self.c["hidden"] // self.c["heads"]
        turns = torch.arange(ids.shape[1], device=ids.device)[:, None] * 1e4 ** (
            -torch.arange(0, d, 2, device=ids.device) / d
        )
        turns = torch.cat((turns, turns), -1)
        cos, sin = turns.cos().to(x.dtype), turns.sin().to(x.dtype)
        for block in self.blocks:
            x = block(x, cos, sin)
        return F.cross_entropy(self.head(self.norm(x)).flatten(0, 1).float(), labels.flatten())


def measure(name, c, k, dtype, device):
    # Made on the device in its final type: 7B in f32 on the host first would take minutes.
    with torch.device(device):
        torch.set_default_dtype(dtype)
        model = Decoder(c)
        torch.set_default_dtype(torch.float32)
    if k is not None:
        model.requires_grad_(False)
        for i in [*range(k // 2), *range(c["layers"] - k // 2, c["layers"])]:
            model.blocks[i].requires_grad_(True)
        # As the lab's `cogsym`: embedding, head and final norm stay as they are unless chosen.
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-3, weight_decay=0.01)
    wait = torch.cuda.synchronize if device == "cuda" else (lambda: None)
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    times = []
    for step in range(WARM_UP + TIMED):
        ids = torch.randint(c["vocab"], (c["batch"], c["length"]), device=device)
        wait()
        started = time.perf_counter()
        loss = model(ids, ids.roll(-1, 1))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        loss.item()
        wait()
        if step >= WARM_UP:
            times.append(1e3 * (time.perf_counter() - started))
    ms = statistics.median(times)
    peak = torch.cuda.max_memory_allocated() if device == "cuda" else None
    tokens = c["batch"] * c["length"] * 1e3 / ms
    contestant = f"torch {torch.__version__} {str(dtype)[6:]}"
    print(f"{name:26} {contestant:30} {ms:10.1f} ms {tokens:10.0f} tokens/s", flush=True)
    return dict(name=name, contestant=contestant, milliseconds=ms, tokensPerSecond=tokens, peakBytes=peak)


def main():
    device = "cuda" if torch.cuda.is_available() else "cpu"
    # f32 means f32: no TF32 products.
    torch.backends.cuda.matmul.allow_tf32 = False
    rows = []
    for name, c, k in STEPS:
        if device == "cpu" and name != "small/full":
            continue
        for dtype in (torch.float32, torch.bfloat16):
            try:
                rows.append(measure(name, c, k, dtype, device))
            except torch.OutOfMemoryError as error:
                print(f"{name} {dtype}: {error}", flush=True)
            if device == "cuda":
                torch.cuda.empty_cache()
    if len(sys.argv) > 1:
        with open(sys.argv[1], "w") as file:
            json.dump(rows, file, indent="\t")


main()
