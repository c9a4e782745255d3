namespace Attune.Tensors.Ops;

/// <summary>How the weight of a linear layer lies in memory.</summary>
public enum WeightLayout
{
    /// <summary>[out, in]: PyTorch's <c>nn.Linear</c>.</summary>
    OutIn,

    /// <summary>[in, out]: the <c>Conv1D</c> of GPT and GPT-2.</summary>
    InOut,
}
