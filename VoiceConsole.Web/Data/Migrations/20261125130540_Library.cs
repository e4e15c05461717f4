using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace VoiceConsole.Web.Data.Migrations
{
    /// <inheritdoc />
    public partial class Library : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "DeletedAt",
                table: "Conversations",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Rating",
                table: "Conversations",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "Settings",
                columns: table => new
                {
                    Name = table.Column<string>(type: "TEXT", nullable: false),
                    Value = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Settings", x => x.Name);
                });

            migrationBuilder.CreateTable(
                name: "Tags",
                columns: table => new
                {
                    ConversationId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Tag = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Tags", x => new { x.ConversationId, x.Tag });
                    table.ForeignKey(
                        name: "FK_Tags_Conversations_ConversationId",
                        column: x => x.ConversationId,
                        principalTable: "Conversations",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Turns_ConversationId_Outcome",
                table: "Turns",
                columns: new[] { "ConversationId", "Outcome" });

            migrationBuilder.CreateIndex(
                name: "IX_Tags_Tag",
                table: "Tags",
                column: "Tag");

            // Holds no text of its own; what is in it is made by WordIndex, also for the turns that are already there.
            migrationBuilder.Sql("CREATE VIRTUAL TABLE TurnWords USING fts5(User, Reply, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2')");
            migrationBuilder.Sql("CREATE TRIGGER TurnWordsOfDeleted AFTER DELETE ON Turns BEGIN DELETE FROM TurnWords WHERE rowid = old.Id; END");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP TRIGGER TurnWordsOfDeleted");
            migrationBuilder.Sql("DROP TABLE TurnWords");

            migrationBuilder.DropTable(
                name: "Settings");

            migrationBuilder.DropTable(
                name: "Tags");

            migrationBuilder.DropIndex(
                name: "IX_Turns_ConversationId_Outcome",
                table: "Turns");

            migrationBuilder.DropColumn(
                name: "DeletedAt",
                table: "Conversations");

            migrationBuilder.DropColumn(
                name: "Rating",
                table: "Conversations");
        }
    }
}
