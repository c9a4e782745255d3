using Attune.Nn.Contracts;
using Attune.Tensors;

namespace Attune.Parity.Models;

/// <summary>How one head of a model is called as the reference calls it.</summary>
internal interface IHeadCall
{
    /// <summary>Whether the reference's loss reads what the model makes of padding, which then must be computed.</summary>
    bool ReadsPadding { get; }

    /// <summary>Adds the head's outputs and gives its loss, or null if there are no labels.</summary>
    Tensor? Run(Pass pass, BackboneOutput output, PaddedRows rows, CallOutputs outputs);
}
