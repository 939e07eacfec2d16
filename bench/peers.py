"""python3 bench/peers.py sklearn|numpy WORKLOAD FOLDER EPOCHS: one run on one core, its speed as JSON."""
import json, os, resource, sys, time, warnings

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
import numpy as np

kind, name, folder, epochs = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
shape = json.load(open(f"{folder}/{name}.json"))
x = np.fromfile(f"{folder}/{name}.x", np.float32).reshape(shape["rows"], shape["features"])
y = np.fromfile(f"{folder}/{name}.y", np.uint16).astype(np.int64)
batch = shape["batch"]


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def sklearn():
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore")
    net = MLPClassifier(
        tuple(shape["hidden"]), batch_size=batch, max_iter=epochs, tol=0.0, n_iter_no_change=10**9, alpha=0.0, random_state=1
    )
    return lambda: net.fit(x, y)


def numpy():
    rng = np.random.default_rng(1)
    units = [shape["features"], *shape["hidden"], shape["classes"]]
    w = [(rng.standard_normal((a, b)) * np.sqrt(2 / a)).astype(np.float32) for a, b in zip(units, units[1:])]
    p = w + [np.zeros(n, np.float32) for n in units[1:]]
    m, v = [np.zeros_like(q) for q in p], [np.zeros_like(q) for q in p]
    layers = len(w)
    hot = np.eye(shape["classes"], dtype=np.float32)[y]

    def fit():
        t = 0
        for _ in range(epochs):
            order = rng.permutation(len(x))
            for start in range(0, len(x), batch):
                rows = order[start : start + batch]
                a = [x[rows]]
                for l in range(layers):
                    z = a[-1] @ p[l] + p[layers + l]
                    a.append(np.maximum(z, 0) if l < layers - 1 else z)
                e = np.exp(a[-1] - a[-1].max(1, keepdims=True))
                d = (e / e.sum(1, keepdims=True) - hot[rows]) / np.float32(len(rows))
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


fit = {"sklearn": sklearn, "numpy": numpy}[kind]()
before, start = cpu(), time.perf_counter()
fit()
samples = len(x) * epochs
print(json.dumps({"wall": samples / (time.perf_counter() - start), "cpu": samples / (cpu() - before)}))
