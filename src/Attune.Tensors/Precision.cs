namespace Attune.Tensors;

/// <summary>The arithmetic of products with the weights of linear layers; everything else is always float32.</summary>
public enum Precision
{
    /// <summary>Float32 throughout.</summary>
    Float32,

    /// <summary>
    /// Operands rounded to bfloat16, sums in float32, in training and inference: less memory to read, and faster where the CPU has
    /// instructions for it. Weights and their optimizer states stay float32.
    /// </summary>
    BFloat16,

    /// <summary>
    /// For inference: weights as bytes with a scale for each output, inputs turned into bytes row by row when they come (dynamic
    /// quantisation), sums exact in 32-bit integers.
    /// </summary>
    Int8,
}
