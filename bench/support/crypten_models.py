"""The models of bench/support/models.ts on CrypTen: the same architectures, weights in the same order, the same batches and rates.

Inference is called without gradients and with tensors alone, which spares CrypTen the cost of its modules. Batch normalisations of
ResNet-18 are part of the convolutions, as in the graph that CrypTen loads from torchvision.
"""

import crypten


def linear(x, weight, bias):
    return x.matmul(weight.t()) + bias


def convolution(x, weight, bias, stride=1, padding=0):
    return x.conv2d(weight, stride=stride, padding=padding) + bias.reshape(1, -1, 1, 1)


def logistic_regression(x, weight):
    return x.matmul(weight.t()).sigmoid()


def mlp(x, w1, b1, w2, b2, w3, b3):
    x = linear(x, w1, b1).relu()
    x = linear(x, w2, b2).relu()
    return linear(x, w3, b3)


def lenet5(x, w1, b1, w2, b2, *rest):
    x = convolution(x, w1, b1, padding=2).relu().max_pool2d(2)
    x = convolution(x, w2, b2).relu().max_pool2d(2)
    return mlp(x.flatten(1), *rest)


def resnet18(x, *weights):
    left = list(weights)

    def convolved(y, stride=1, padding=0):
        return convolution(y, left.pop(0), left.pop(0), stride, padding)

    x = convolved(x, 2, 3).relu().max_pool2d(3, stride=2, padding=1)
    channels = 64
    for width in [64, 64, 128, 128, 256, 256, 512, 512]:
        stride = 1 if width == channels else 2
        main = convolved(convolved(x, stride, 1).relu(), 1, 1)
        x = (main + (x if width == channels else convolved(x, stride))).relu()
        channels = width
    return linear(x.mean([2, 3]), *left)


def inference(model):
    def run(*inputs):
        with crypten.no_grad():
            return model(*inputs)

    return run


def svm(x, y, w, b):
    """examples/mpc_linear_svm with its defaults."""
    for _ in range(50):
        correct = w.matmul(x).add(b).sign().mul(y)
        correct.add(1).div(2).mean().get_plain_text()
        gradient = -y * (1 - correct) * 0.5
        step = gradient.matmul(x.t()).div(gradient.size(1))
        w = w - step * 0.5
        b = b - gradient.mean() * 0.5
    return crypten.cat([w.flatten(), b.flatten()]).get_plain_text()


def trainable(tensors):
    copies = [tensor.clone() for tensor in tensors]
    for copy in copies:
        copy.requires_grad = True
    return copies


def step(parameters, loss, rate):
    """Gradients of a loss, and a step of stochastic gradient descent."""
    for parameter in parameters:
        parameter.grad = None
    loss.backward()
    with crypten.no_grad():
        for parameter in parameters:
            parameter.sub_(parameter.grad.mul(rate))


def joined(tensors):
    return crypten.cat([tensor.detach().flatten() for tensor in tensors])


def logistic_epoch(left, right, y, w, b):
    x = crypten.cat([left, right], dim=1)
    parameters = trainable([w, b])
    losses = []
    for at in range(0, x.size(0), 32):
        logits = x[at : at + 32].matmul(parameters[0]) + parameters[1]
        losses.append(logits.binary_cross_entropy_with_logits(y[at : at + 32]))
        step(parameters, losses[-1], 0.5)
    return joined(parameters + losses)


def mlp_step(x, y, *weights):
    parameters = trainable(weights)
    loss = mlp(x, *parameters).cross_entropy(y)
    step(parameters, loss, 0.5)
    return joined([loss] + parameters)


MODELS = {
    "e2e:logreg-30x569": inference(logistic_regression),
    "e2e:mlp-b1": inference(mlp),
    "e2e:mlp-b64": inference(mlp),
    "e2e:lenet5-b1": inference(lenet5),
    "e2e:lenet5-b16": inference(lenet5),
    "e2e:resnet18-1x3x64x64": inference(resnet18),
    "train:svm-example-defaults": svm,
    "train:logreg-bc-1epoch": logistic_epoch,
    "train:mlp-step-b64": mlp_step,
}
