using Attune.Parity.Layouts;

namespace Attune.Parity.Operations;

/// <summary>The operations of the reference under its names. To add one, write its call in one of the groups.</summary>
internal static class ReferenceOperations
{
    private static readonly Dictionary<string, ReferenceOperation> All =
        LayerOperations.All.Concat(ImageOperations.All).Concat(LossOperations.All).ToDictionary(StringComparer.Ordinal);

    /// <summary>The call of an operation.</summary>
    /// <exception cref="UnknownCaseException">There is none of this name.</exception>
    public static ReferenceOperation Find(string name) =>
        All.TryGetValue(name, out ReferenceOperation? operation) ? operation : throw new UnknownCaseException("operation", name);
}
