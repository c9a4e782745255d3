using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;

namespace Attune.Nn.Blocks.Sets;

/// <summary>Something that works on sets: what it gives does not depend on the order of a set's rows, or moves with it.</summary>
public interface ISetBlock : IModule
{
    /// <summary>Maps sets of rows <c>[rows, width]</c> to sets.</summary>
    (Tensor Rows, Segments Sets) Forward(Pass pass, Tensor rows, Segments sets);
}
