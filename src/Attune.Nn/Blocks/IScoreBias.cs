using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;

namespace Attune.Nn.Blocks;

/// <summary>Something that gives a bias of attention scores from positions alone.</summary>
public interface IScoreBias : IModule
{
    /// <summary>The bias <c>[heads, queries, keys]</c> for sequences of at most that many positions.</summary>
    /// <param name="tape">Where it is recorded.</param>
    /// <param name="queries">The number of queries.</param>
    /// <param name="keys">The number of keys.</param>
    /// <param name="firstQuery">The position of the first query among the keys (decoding step by step).</param>
    Tensor Bias(Tape tape, int queries, int keys, int firstQuery = 0);
}
