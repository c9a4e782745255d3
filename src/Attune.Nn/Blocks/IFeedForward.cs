using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;

namespace Attune.Nn.Blocks;

/// <summary>The position-wise part of a block.</summary>
public interface IFeedForward : IModule
{
    /// <summary>Maps each row: <c>[rows, width]</c> to the same shape.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="x">The rows.</param>
    /// <param name="context">The sequences, for parts whose choice of weights looks at them (experts of limited capacity).</param>
    Tensor Forward(Pass pass, Tensor x, MixerContext context);
}
