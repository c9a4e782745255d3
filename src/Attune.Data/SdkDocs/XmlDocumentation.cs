using System.Xml;
using Attune.Formats;

namespace Attune.Data.SdkDocs;

/// <summary>Reads the XML documentation files that compilers write.</summary>
internal static class XmlDocumentation
{
    private const int MaxCharacters = 1 << 28;

    private static readonly XmlReaderSettings s_settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = MaxCharacters,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
    };

    /// <summary>Reads the members of a file with their sentences, in the order of the file.</summary>
    /// <exception cref="AttuneFormatException">The file is missing or not such XML.</exception>
    public static List<(string Member, List<string> Sentences)> Read(string path)
    {
        List<(string, List<string>)> members = [];
        try
        {
            using Stream stream = DataFile.Open(path);
            using XmlReader reader = XmlReader.Create(stream, s_settings);
            while (reader.Read())
            {
                if (reader.NodeType == XmlNodeType.Element && reader.Name == "member" && reader.GetAttribute("name") is [>= 'A' and <= 'Z', ':', not '(', ..] name)
                    members.Add((name, ReadMember(reader)));
            }
        }
        catch (XmlException e)
        {
            throw new AttuneFormatException(path, $"line {e.LineNumber}", "XML that cannot be read", "a compiler's documentation file", inner: e);
        }
        return members;
    }

    // The reader stands on the member's start and ends on its end.
    private static List<string> ReadMember(XmlReader reader)
    {
        List<string> sentences = [];
        if (reader.IsEmptyElement) return sentences;
        int depth = reader.Depth;
        reader.Read();
        while (reader.Depth > depth)
        {
            if (reader.NodeType == XmlNodeType.Element && reader.Name is "summary" or "remarks" or "param" or "typeparam" or "returns" or "value" or "exception")
                DocumentationText.AddSentences(reader, sentences);
            else
                reader.Skip();
        }
        return sentences;
    }
}
