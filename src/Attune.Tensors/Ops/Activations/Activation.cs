namespace Attune.Tensors.Ops;

/// <summary>An elementwise function between linear layers. See <see cref="ActivationNames"/> for the names configurations use.</summary>
public enum Activation
{
    /// <summary>x</summary>
    None,

    /// <summary>max(x, 0)</summary>
    Relu,

    /// <summary>x Φ(x) with the exact normal distribution function (Hendrycks and Gimpel 2016, arXiv:1606.08415).</summary>
    Gelu,

    /// <summary>The tanh form of GELU: x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))).</summary>
    GeluNew,

    /// <summary>The sigmoid form of GELU: x σ(1.702 x).</summary>
    GeluQuick,

    /// <summary>x σ(x), also called swish (Elfwing et al. 2017, arXiv:1702.03118).</summary>
    Silu,

    /// <summary>tanh(x)</summary>
    Tanh,

    /// <summary>σ(x) = 1 / (1 + exp(-x))</summary>
    Sigmoid,
}
