"""Writes golden.json: the published variants on small random inputs, by PyTorch, in float64.

    python test/variants/golden/make.py > test/variants/golden/golden.json && npm run format

Each loss is written down from its paper with PyTorch's own operators (conv2d, pdist, cosine_similarity, std), which share
nothing with Haste's. Any PyTorch 2 will do; the committed file was made by 2.13.
"""

import json

import torch
import torch.nn.functional as F

B, H, W, STUDENT, TEACHER = 3, 3, 4, 6, 5


def rounded(tensor):
    """To float32 and 9 digits, which give a float32 back exactly."""
    values = tensor.detach().float().double()
    return {"shape": list(values.shape), "values": [float(f"{v:.9g}") for v in values.flatten().tolist()]}


def exact(tensor):
    return torch.tensor(rounded(tensor)["values"], dtype=torch.float64).reshape(tensor.shape)


def draw(*shape):
    return exact(torch.randn(*shape, dtype=torch.float64))


def irepa(x, z, gamma, weight, bias):
    """arXiv 2512.10794, algorithm 1."""
    grid = x.reshape(B, H, W, STUDENT).permute(0, 3, 1, 2)
    projected = F.conv2d(grid, weight, bias, padding=1).flatten(2).transpose(1, 2)
    target = z - gamma * z.mean(dim=1, keepdim=True)
    target = target / (target.std(dim=1, keepdim=True) + 1e-6)
    return -F.cosine_similarity(projected, target, dim=-1).mean()


def relation(x, z, margin, power):
    """arXiv 2503.08253 (power 2, no margin) and 2505.23656 (power 1, margin 0.1, within an image)."""
    x, z = F.normalize(x, dim=-1), F.normalize(z, dim=-1)
    apart = (x @ x.transpose(1, 2) - z @ z.transpose(1, 2)).abs()
    return F.relu(apart - margin).pow(power).mean()


def dispersive(x, temperature):
    """arXiv 2506.09027: pairs both ways, and each sample with itself."""
    flat = x.reshape(B, -1)
    apart = F.pdist(flat).pow(2) / flat.shape[1]
    return torch.log(torch.exp(-torch.cat((apart, apart, torch.zeros(B))) / temperature).mean())


def case(loss, **inputs):
    inputs = {name: tensor.clone().requires_grad_() for name, tensor in inputs.items()}
    value = loss(**inputs)
    value.backward()
    return {
        "loss": value.item(),
        "inputs": {name: rounded(tensor) for name, tensor in inputs.items()},
        "gradients": {name: rounded(tensor.grad) for name, tensor in inputs.items()},
    }


def main():
    torch.manual_seed(0)
    x, z = draw(B, H * W, STUDENT), draw(B, H * W, TEACHER) + 0.5
    z = exact(z)
    weight, bias = draw(TEACHER, STUDENT, 3, 3), draw(TEACHER)
    cases = {
        "irepa": case(lambda x, weight, bias: irepa(x, z, 0.6, weight, bias), x=x, weight=weight, bias=bias),
        "relation, squared": case(lambda x: relation(x, z, 0, 2), x=x),
        "relation, absolute": case(lambda x: relation(x, z, 0.1, 1), x=x),
        "dispersive": case(lambda x: dispersive(x, 0.5), x=x),
    }
    print(json.dumps({"grid": [H, W], "teacher": rounded(z), "cases": cases}))


main()
