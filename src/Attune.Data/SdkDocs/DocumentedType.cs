namespace Attune.Data.SdkDocs;

/// <summary>A type of the base library with what its documentation says.</summary>
/// <param name="Name">The full name of the outermost type.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Sentences">The sentences of the type and its members, without those that stood elsewhere before.</param>
public sealed record DocumentedType(string Name, string Namespace, IReadOnlyList<string> Sentences);
