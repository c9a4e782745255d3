using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;

namespace Attune.Nn.Blocks;

/// <summary>The position-wise part of a block.</summary>
public interface IFeedForward : IModule
{
    /// <summary>Maps each row: <c>[rows, width]</c> to the same shape.</summary>
    Tensor Forward(Tape tape, Tensor x);
}
