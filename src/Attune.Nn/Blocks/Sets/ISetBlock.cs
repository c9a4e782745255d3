using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;

namespace Attune.Nn.Blocks.Sets;

/// <summary>Something that works on sets: what it gives does not depend on the order of a set's rows, or moves with it.</summary>
public interface ISetBlock : IModule
{
    /// <summary>Maps sets of rows <c>[rows, width]</c> to sets.</summary>
    (Tensor Rows, Segments Sets) Forward(Tape tape, Tensor rows, Segments sets);
}
