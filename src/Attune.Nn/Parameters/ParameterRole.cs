namespace Attune.Nn.Parameters;

/// <summary>What a parameter is for: optimizers, freeze policies and initialisers choose by it.</summary>
public enum ParameterRole
{
    /// <summary>A matrix or filter of a product.</summary>
    Weight,

    /// <summary>An additive bias of a product (no weight decay).</summary>
    Bias,

    /// <summary>The scale of a norm (no weight decay).</summary>
    NormScale,

    /// <summary>The shift of a norm (no weight decay).</summary>
    NormShift,

    /// <summary>A table of token vectors.</summary>
    Embedding,

    /// <summary>A table of position vectors.</summary>
    Position,

    /// <summary>A single learned number or vector that scales something else.</summary>
    Scale,

    /// <summary>Saved with the model but never trained, such as running statistics.</summary>
    Buffer,
}
