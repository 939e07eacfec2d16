"""python.py sklearn|numpy|torch|jax PREFIX ROWS FEATURES CLASSES EPOCHS BATCH HIDDEN...: one training, its speed as JSON.

Exits with 3 where the package is not installed.
"""
import importlib, json, sys, time, warnings

kind, prefix = sys.argv[1:3]
try:
    version = importlib.import_module(kind).__version__
except ImportError:
    sys.exit(3)
import numpy as np

rows, features, classes, epochs, batch, *hidden = map(int, sys.argv[3:])
units = [features, *hidden, classes]
x = np.fromfile(f"{prefix}.x", np.float32, rows * features).reshape(rows, features)
y = np.fromfile(f"{prefix}.y", np.uint16, rows).astype(np.int64)
rng = np.random.default_rng(1)


def initial_weights():
    shapes = zip(units, units[1:])
    return [(rng.standard_normal(shape) * np.sqrt(2 / shape[0])).astype(np.float32) for shape in shapes]


def train_sklearn():
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore")

    def fit(epochs):
        MLPClassifier(
            hidden, batch_size=batch, max_iter=epochs, tol=0.0, n_iter_no_change=10**9, alpha=0.0, random_state=1
        ).fit(x, y)

    return fit


def train_numpy():
    w = initial_weights()
    p = w + [np.zeros(n, np.float32) for n in units[1:]]
    m, v = [np.zeros_like(q) for q in p], [np.zeros_like(q) for q in p]
    layers = len(w)
    hot = np.eye(classes, dtype=np.float32)[y]
    t = 0

    def fit(epochs):
        nonlocal t
        for _ in range(epochs):
            order = rng.permutation(rows)
            for start in range(0, rows, batch):
                chosen = order[start : start + batch]
                a = [x[chosen]]
                for l in range(layers):
                    z = a[-1] @ p[l] + p[layers + l]
                    a.append(np.maximum(z, 0) if l < layers - 1 else z)
                e = np.exp(a[-1] - a[-1].max(1, keepdims=True))
                d = (e / e.sum(1, keepdims=True) - hot[chosen]) / np.float32(len(chosen))
                g = [None] * (2 * layers)
                for l in range(layers - 1, -1, -1):
                    g[l], g[layers + l] = a[l].T @ d, d.sum(0)
                    if l:
                        d = (d @ p[l].T) * (a[l] > 0)
                t += 1
                rate, correction = np.float32(0.001 / (1 - 0.9**t)), np.float32(1 / (1 - 0.999**t))
                for q, gq, mq, vq in zip(p, g, m, v):
                    mq *= np.float32(0.9)
                    mq += np.float32(0.1) * gq
                    vq *= np.float32(0.999)
                    vq += np.float32(0.001) * gq * gq
                    q -= rate * mq / (np.sqrt(vq * correction) + np.float32(1e-8))

    return fit


def train_torch():
    import torch

    layers = []
    for inputs, outputs in zip(units, units[1:]):
        layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
    net = torch.nn.Sequential(*layers[:-1])
    try:
        optimizer = torch.optim.Adam(net.parameters(), lr=0.001, fused=True)
    except RuntimeError:  # before 2.4 the fused update is for GPUs
        optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
    loss = torch.nn.CrossEntropyLoss()
    inputs, labels = torch.from_numpy(x), torch.from_numpy(y)

    def fit(epochs):
        for _ in range(epochs):
            order = torch.randperm(rows)
            for start in range(0, rows, batch):
                chosen = order[start : start + batch]
                optimizer.zero_grad(set_to_none=True)
                loss(net(inputs[chosen]), labels[chosen]).backward()
                optimizer.step()

    return fit


def train_jax():
    import jax, jax.numpy as jnp

    w = [(jnp.asarray(q), jnp.zeros(q.shape[1], jnp.float32)) for q in initial_weights()]
    zeros = jax.tree_util.tree_map(jnp.zeros_like, w)
    state = (w, zeros, zeros, jnp.zeros((), jnp.float32))
    inputs, labels = jnp.asarray(x), jnp.asarray(y, jnp.int32)
    steps = rows // batch  # a scan wants equal batches: the few rows over are left out of an epoch

    def loss(w, a, labels):
        for l, (weights, bias) in enumerate(w):
            a = a @ weights + bias
            if l < len(w) - 1:
                a = jax.nn.relu(a)
        return -jnp.take_along_axis(jax.nn.log_softmax(a), labels[:, None], 1).mean()

    @jax.jit
    def epoch(state, inputs, labels, order):
        def step(state, chosen):
            w, m, v, t = state
            t = t + 1
            g = jax.grad(loss)(w, inputs[chosen], labels[chosen])
            m = jax.tree_util.tree_map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
            v = jax.tree_util.tree_map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
            rate, correction = 0.001 / (1 - 0.9**t), 1 / (1 - 0.999**t)
            w = jax.tree_util.tree_map(lambda w, m, v: w - rate * m / (jnp.sqrt(v * correction) + 1e-8), w, m, v)
            return (w, m, v, t), None

        return jax.lax.scan(step, state, order)[0]

    def fit(epochs):
        nonlocal state
        for _ in range(epochs):
            order = rng.permutation(rows)[: steps * batch].reshape(steps, batch)
            state = epoch(state, inputs, labels, order)
        jax.block_until_ready(state)

    return fit


fit = {"sklearn": train_sklearn, "numpy": train_numpy, "torch": train_torch, "jax": train_jax}[kind]()
fit(1)  # compilers and libraries warm up
start = time.perf_counter()
fit(epochs)
seconds = time.perf_counter() - start
memory = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({"seconds": seconds, "memory": memory, "version": version}))
