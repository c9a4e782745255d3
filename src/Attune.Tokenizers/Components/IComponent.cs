using System.Text.Json;

namespace Attune.Tokenizers.Components;

/// <summary>A part of a pipeline that <c>tokenizer.json</c> describes as an object with a <c>type</c>.</summary>
internal interface IComponent
{
    /// <summary>Writes the object as Hugging Face's library reads it.</summary>
    void Write(Utf8JsonWriter writer);
}
